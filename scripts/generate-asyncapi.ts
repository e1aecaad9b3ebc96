import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asyncApiDocument } from '@quorate/protocol';
import { stringify } from 'yaml';

/** Writes docs/asyncapi.yaml from the record schemas; with --check fails when the file is not what they say. */
function main(): void {
  const root = process.cwd();
  const file = join(root, 'docs', 'asyncapi.yaml');
  const generated = stringify(asyncApiDocument(versionOf(join(root, 'package.json'))), {
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
  if (!process.argv.includes('--check')) {
    writeFileSync(file, generated);
    console.log('docs/asyncapi.yaml written');
    return;
  }
  if (current(file) === generated) return;
  console.error(
    'docs/asyncapi.yaml is not what the schemas in libs/protocol say: run `npm run generate` and commit it',
  );
  process.exitCode = 1;
}

function current(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function versionOf(file: string): string {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const hasVersion = typeof content === 'object' && content !== null && 'version' in content;
  return hasVersion ? String(content.version) : '0.0.0';
}

main();

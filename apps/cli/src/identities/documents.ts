import { readFileSync } from 'node:fs';
import { prettyJson } from '@quorate/deployment';
import { Invalid } from '@quorate/platform';
import { replace } from './staged-files';

/** @throws Invalid `file` naming a file that holds no JSON */
export function readDocument(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Invalid('file', `${file} cannot be read as JSON`, { cause });
  }
}

export function writeDocument(file: string, document: object): void {
  replace(file, prettyJson(document));
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '..', '..', '..');
const folder = join(root, 'libs', 'client', 'examples');
const examples = readdirSync(folder);

test.each(examples)('the README shows %s as it is', (name) => {
  const readme = readFileSync(join(root, 'libs', 'client', 'README.md'), 'utf8');
  expect(readme).toContain('```ts\n' + readFileSync(join(folder, name), 'utf8') + '```');
});

test('the README shows nothing else', () => {
  const readme = readFileSync(join(root, 'libs', 'client', 'README.md'), 'utf8');
  expect(readme.match(/```ts\n/g)).toHaveLength(examples.length);
});

test('the examples compile', () => {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const files = examples.map((name) => join(folder, name));
  const program = ts.createProgram(files, { ...options, noEmit: true });
  const problems = files
    .flatMap((file) => ts.getPreEmitDiagnostics(program, program.getSourceFile(file)))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  expect(problems).toEqual([]);
}, 60_000);

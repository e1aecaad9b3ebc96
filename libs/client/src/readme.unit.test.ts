import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '..', '..', '..');
const example = join(root, 'libs', 'client', 'examples', 'sign-message.ts');

test('the example of the README is the one that runs', () => {
  const readme = readFileSync(join(root, 'libs', 'client', 'README.md'), 'utf8');
  expect(readme).toContain('```ts\n' + readFileSync(example, 'utf8') + '```');
});

test('the example compiles', () => {
  const config = ts.readConfigFile(join(root, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const program = ts.createProgram([example], { ...options, noEmit: true });
  const problems = ts
    .getPreEmitDiagnostics(program, program.getSourceFile(example))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  expect(problems).toEqual([]);
}, 60_000);

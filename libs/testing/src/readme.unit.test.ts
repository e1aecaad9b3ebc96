import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(__dirname, '..');

test('the example of the README is the one that runs', () => {
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const example = readFileSync(join(folder, 'examples', 'first-signature.int.test.ts'), 'utf8');
  expect(readme).toContain('```ts\n' + example + '```');
});

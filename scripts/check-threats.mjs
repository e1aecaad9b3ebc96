// Part of npm run check: docs/security.md names a test for every row of its threat table, or says why there is none, and
// the tests exist.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap/project.mjs';

const DOCUMENT = 'docs/security.md';
const lines = readFileSync(join(root, DOCUMENT), 'utf8').split('\n');
const defects = [];

/** Rows of the table, and by row what stands under its heading. */
const rows = lines.flatMap((line) => /^\| *(\d+) *\|/.exec(line)?.[1] ?? []);
const sections = new Map();
let section;
for (const line of lines) {
  const heading = /^##+ (?:Row (\d+))?/.exec(line);
  if (heading) section = heading[1];
  else if (section !== undefined) sections.set(section, [...(sections.get(section) ?? []), line]);
}

if (rows.length === 0) defects.push('there is no threat table');
for (const row of rows) checkRow(row, sections.get(row) ?? []);
for (const defect of defects) console.error(`${DOCUMENT}: ${defect}`);
process.exitCode = defects.length > 0 ? 1 : 0;

/** A list of test files, each with a list of names that its source contains; or a paragraph that begins with "None: ". */
function checkRow(row, text) {
  if (text.some((line) => line.startsWith('None: '))) return;
  let names = 0;
  let source;
  for (const line of text) {
    const file = /^- `(.+)`$/.exec(line)?.[1];
    const name = /^ {2}- `(.+)`$/.exec(line)?.[1];
    if (file !== undefined) source = sourceOf(row, file);
    if (name === undefined) continue;
    names += 1;
    if (source?.includes(name) === false) defects.push(`row ${row}: no test "${name}"`);
  }
  if (names === 0) defects.push(`row ${row} names no test`);
}

function sourceOf(row, file) {
  const path = join(root, file);
  if (existsSync(path)) return readFileSync(path, 'utf8');
  defects.push(`row ${row}: there is no ${file}`);
  return undefined;
}

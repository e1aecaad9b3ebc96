/** What the chart renders, as it is checked in: reviewers and tests read it without Helm. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export const helmFolder = join(__dirname, '..');
const chart = join(helmFolder, 'quorate');

/** The oldest Kubernetes that the chart supports. */
const KUBERNETES = '1.27.0';

/** The files of values that the chart is rendered with. */
export const EXAMPLES = readdirSync(join(helmFolder, 'examples'));

/** Where the manifests of an example are kept. */
export function renderedFile(example: string): string {
  return join(helmFolder, 'rendered', example);
}

/** The manifests of an example, under a line that says of which chart and values they are. */
export function renderExample(example: string): string {
  return `# chart and values: sha256 ${sourceDigest(example)}\n${helmTemplate(['--values', valuesFile(example)])}`;
}

/** SHA-256 (hex) of the chart's files and the values of an example. */
export function sourceDigest(example: string): string {
  const files = readdirSync(chart, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const digest = createHash('sha256');
  for (const file of [...files, valuesFile(example)]) {
    const text = readFileSync(file);
    digest.update(`${relative(helmFolder, file)} ${text.length}\n`).update(text);
  }
  return digest.digest('hex');
}

/**
 * What `helm template` prints.
 * @throws Error with what Helm complains about
 */
export function helmTemplate(options: readonly string[]): string {
  const place = ['--namespace', 'quorate', '--kube-version', KUBERNETES];
  const { error, status, stdout, stderr } = spawnSync(
    'helm',
    ['template', 'quorate', chart, ...place, ...options],
    { encoding: 'utf8', maxBuffer: 16 * 1024 * 1024 },
  );
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** Whether Helm is installed here. */
export function hasHelm(): boolean {
  return spawnSync('helm', ['version', '--short']).status === 0;
}

function valuesFile(example: string): string {
  return join(helmFolder, 'examples', example);
}

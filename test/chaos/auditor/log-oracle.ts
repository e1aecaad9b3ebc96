import { Frontier, leafHash } from '@quorate/transparency-log';
import { type Client } from 'pg';
import { ForeignVerifier, sha256 } from '../../../apps/auditor/src/testing/foreign-verifier';

export interface Evidence {
  /** Of the auditor's API. */
  readonly url: string;
  /** As the owner of its tables. */
  readonly database: Client;
  /** SHA-256 of the leaf of each record, in the order of the topic. */
  readonly written: readonly Buffer[];
  /** Checkpoints that were served before the auditor was killed. */
  readonly notes: readonly string[];
}

/** What is wrong with the log, in words; compared with the records themselves and by a verifier that has no code of ours. */
export async function judgeLog({
  url,
  database,
  written,
  notes,
}: Evidence): Promise<{ checkpoints: number; violations: string[] }> {
  const violations: string[] = [];
  const verifier = new ForeignVerifier(url);
  const wrong = await verifier.verifyLog();
  if (wrong !== undefined) violations.push(`the published log does not verify: ${wrong}`);
  const leaves = await verifier.leaves(written.length);
  if (typeof leaves === 'string') return { checkpoints: 0, violations: [...violations, leaves] };
  const other = leaves.findIndex((leaf, index) => !sha256(leaf).equals(written[index] ?? Buffer.alloc(0)));
  if (other >= 0) violations.push(`entry ${other} is not record ${other} of the topic`);
  const { rows: odd } = await database.query<{ index: string; reason: string | null }>(
    'SELECT index, reason FROM audit_entry WHERE gap OR NOT verified OR duplicate_of IS NOT NULL OR index >= $1 LIMIT 10',
    [written.length],
  );
  for (const { index, reason } of odd)
    violations.push(`entry ${index} is a double, a gap or unverified: ${reason}`);
  const { rows } = await database.query<{ note: string }>('SELECT note FROM checkpoint WHERE log = 0');
  const signed = [...new Set([...notes, ...rows.map(({ note }) => note)])];
  const roots = rootsOf(leaves);
  for (const note of signed) {
    const [, size, root] = note.split('\n');
    if (roots[Number(size)] !== root) violations.push(`a checkpoint of ${size} entries contradicts the log`);
  }
  return { checkpoints: signed.length, violations };
}

/** In base64, of the tree of each size. */
function rootsOf(leaves: readonly Uint8Array[]): string[] {
  const frontier = Frontier.empty();
  const root = (): string => Buffer.from(frontier.root()).toString('base64');
  return [
    root(),
    ...leaves.map((leaf) => {
      frontier.append(leafHash(leaf));
      return root();
    }),
  ];
}

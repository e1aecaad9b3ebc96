/**
 * The commitments to one nonce of a committee as one value, the place of which is that of an ECDSA presignature's R: hiding
 * and binding commitment of each member in ascending order of their indices, 0x-hex.
 */
import { fromHex } from '@quorate/protocol';
import { type Commitment, groupOf } from '@quorate/threshold';

type CommitmentRecords = Readonly<Record<string, { readonly hiding: string; readonly binding: string }>>;

export function joinCommitments(commitments: CommitmentRecords): string {
  const members = Object.entries(commitments).sort(([a], [b]) => Number(a) - Number(b));
  return `0x${members.map(([, { hiding, binding }]) => hiding.slice(2) + binding.slice(2)).join('')}`;
}

/** @returns undefined when they are not of exactly this committee, or one is no point of the group */
export function splitCommitments(
  suite: 3 | 4,
  joined: string,
  committee: readonly number[],
): Map<number, Commitment> | undefined {
  const group = groupOf(suite);
  const bytes = fromHex(joined);
  const size = group.pointBytes;
  if (bytes.length !== committee.length * 2 * size) return undefined;
  const pointAt = (place: number) => group.parsePoint(bytes.subarray(place * size, (place + 1) * size));
  const commitments = new Map<number, Commitment>();
  for (const [k, index] of [...committee].sort((a, b) => a - b).entries()) {
    const [hiding, binding] = [pointAt(2 * k), pointAt(2 * k + 1)];
    if (hiding === undefined || binding === undefined) return undefined;
    commitments.set(index, { hiding, binding });
  }
  return commitments;
}

/** Whether the log goes on from what this browser saw last: nothing changed, nothing removed. */
import { verifyConsistency } from '@quorate/transparency-log';
import { type ConsistencyAnswer } from '../api/answers';
import { type Check, failed, passed } from './check';
import { type Head } from './head';

/** A head that this browser keeps. */
export type Remembered = Pick<Head, 'origin' | 'size' | 'root' | 'note'>;

/** The proof that is needed, between the sizes of the two heads; undefined when it takes none. */
export function neededProof(
  remembered: Remembered | undefined,
  head: Head,
): { from: number; to: number } | undefined {
  if (remembered === undefined || remembered.origin !== head.origin || remembered.size === head.size)
    return undefined;
  return { from: Math.min(remembered.size, head.size), to: Math.max(remembered.size, head.size) };
}

/**
 * @param proof what the auditor answered for `neededProof`: undefined where none is needed, or where it says that there
 *   is none
 */
export function checkContinuity(
  remembered: Remembered | undefined,
  head: Head,
  proof: ConsistencyAnswer | undefined,
): Check {
  if (remembered === undefined)
    return passed(
      'continuity',
      `This browser sees the log for the first time. It remembers these ${head.size} entries from now on.`,
    );
  const fail = (text: string) => failed('continuity', text);
  if (remembered.origin !== head.origin)
    return fail(`The log is called ${head.origin} now; this browser knows it as ${remembered.origin}.`);
  if (remembered.size === head.size) {
    return isSame(remembered.root, head.root)
      ? passed('continuity', 'It is exactly the log that this browser saw last.')
      : fail(`There are two histories of ${head.size} entries: the root differs from what this browser saw.`);
  }
  const [older, newer] = remembered.size < head.size ? [remembered, head] : [head, remembered];
  if (proof === undefined)
    return fail(
      remembered.size > head.size
        ? `The log has become shorter: it has ${head.size} entries, this browser saw ${remembered.size}.`
        : `The auditor has no proof that the ${remembered.size} entries that this browser saw are still in the log.`,
    );
  const claim = { from: older.size, to: newer.size, fromRoot: older.root, toRoot: newer.root };
  if (proof.from !== older.size || proof.to !== newer.size || !verifyConsistency(claim, proof.hashes))
    return fail(
      `The ${newer.size} entries do not begin with the ${older.size} of before: something was changed or removed.`,
    );
  return passed(
    'continuity',
    remembered.size < head.size
      ? `All ${remembered.size} entries that this browser saw before are unchanged; ${head.size - remembered.size} came after them.`
      : `It is an earlier part of the ${remembered.size} entries that this browser saw.`,
  );
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

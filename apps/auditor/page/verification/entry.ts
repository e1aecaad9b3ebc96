/** Whether an entry is in the log, and is what is shown. */
import { gapLeaf, leafHash, parseEventLeaf, verifyInclusion } from '@quorate/transparency-log';
import { type InclusionAnswer, type LogEvent } from '../api/answers';
import { isObject } from '../api/reader';
import { type Check, failed, open, passed } from './check';
import { type Head } from './head';

/** @param head of the proof's own checkpoint */
export function checkInclusion(event: LogEvent, proof: InclusionAnswer, head: Head): Check {
  const { log, index, leaf, hashes, treeSize } = proof;
  if (log !== event.log || index !== event.index)
    return failed('inclusion', `The proof is about entry ${index} of log ${log}, not about ${event.index}.`);
  const claim = { index, size: head.size, leaf: leafHash(leaf), root: head.root };
  if (treeSize !== head.size || !verifyInclusion(claim, hashes))
    return failed('inclusion', `The proof does not lead from entry ${index} to the root of the checkpoint.`);
  return passed(
    'inclusion',
    `${hashes.length} hashes lead from entry ${index} to the root of the ${head.size} entries.`,
  );
}

/** Compares what is shown with the bytes that are proved. */
export function checkContent(event: LogEvent, leaf: Uint8Array): Check {
  if (isSameBytes(leaf, gapLeaf)) return sameIf(event.data === null && event.jws === null);
  const record = parseEventLeaf(leaf);
  if (record === undefined)
    return open(
      'content',
      'The entry is so long that the log holds a hash of its content. Compare it with npx quorate audit verify.',
    );
  const header = (name: string) => new TextDecoder().decode(record.headers[name]);
  const content = contentOf(record.value);
  const type = content?.['type'];
  return sameIf(
    (event.jws ?? '') === header('jws') &&
      (event.source ?? '') === header('ce_source') &&
      (event.time === null || header('ce_time') === '' || event.time === header('ce_time')) &&
      (event.type === null || event.type === type || event.type === header('ce_type')) &&
      (event.data === null ? !event.verified : isEqual(event.data, content)),
  );
}

function sameIf(isSame: boolean): Check {
  return isSame
    ? passed('content', 'What is shown is what the proved bytes say.')
    : failed('content', 'What the auditor shows is not what the proved bytes say.');
}

function contentOf(value: Uint8Array | null): Readonly<Record<string, unknown>> | undefined {
  try {
    const content: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value ?? undefined));
    return isObject(content) ? content : undefined;
  } catch {
    return undefined;
  }
}

/** Of two values that came as JSON; the order of members says nothing. */
export function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (isObject(a) && isObject(b)) {
    const names = Object.keys(a);
    return (
      names.length === Object.keys(b).length &&
      names.every((name) => Object.hasOwn(b, name) && isEqual(a[name], b[name]))
    );
  }
  return Object.is(a, b);
}

function isSameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

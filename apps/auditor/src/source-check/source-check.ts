import { type LogRecord } from '@quorate/messaging';
import { Fatal } from '@quorate/platform';
import { type LogEntry, storableHeaders } from '../log-entry/log-entry';

export const SOURCE_CHANGED = 'source-changed';

/** Missing offsets in a row that transaction markers may explain; more means that records were removed. */
const LONGEST_GAP = 8n;

/**
 * Checks that the topic still is what the log was made from: the record at the last index is the last entry.
 * @throws Fatal `source-changed` when the topic was recreated, truncated or replaced.
 */
export function assertSameSource(last: LogEntry, record: LogRecord): void {
  const where = `${record.topic}, partition ${last.log}`;
  if (record.offset !== last.index) {
    throw sourceChanged(
      `${where}: the record at offset ${last.index}, the last one in the log, is gone (the first one there is now ${record.offset})`,
    );
  }
  if (last.gap || !sameBytes(last.value, record.value) || !sameHeaders(last.headers, record.headers)) {
    throw sourceChanged(`${where}: the record at offset ${last.index} is not the one in the log`);
  }
}

/**
 * Checks that the topic still reaches to the last index.
 * @param highWatermark next offset to be written; undefined when the partition does not exist
 * @throws Fatal `source-changed`
 */
export function assertSourceReaches(topic: string, last: LogEntry, highWatermark: bigint | undefined): void {
  if (highWatermark !== undefined && highWatermark > last.index) return;
  const end = highWatermark === undefined ? 'does not exist' : `ends at ${highWatermark}`;
  throw sourceChanged(
    `${topic}, partition ${last.log}: the log holds offset ${last.index}, but the partition ${end}`,
  );
}

/**
 * Checks that offsets without a record are few, as transaction markers are.
 * @throws Fatal `source-changed` when records were removed before the auditor read them.
 */
export function assertShortGap(record: LogRecord, expected: bigint): void {
  if (record.offset < expected || record.offset - expected > LONGEST_GAP || expected === 0n) {
    throw sourceChanged(
      `${record.topic}, partition ${record.partition}: offset ${expected} comes next in the log, but the topic goes on at ${record.offset}`,
    );
  }
}

/**
 * Checks that nothing was removed from the topic's beginning that the log does not have.
 * @param next index of the next entry
 * @param start offset of the first record that is kept; undefined when the partition does not exist
 * @throws Fatal `source-changed`
 */
export function assertNotPassed(topic: string, log: number, next: bigint, start: bigint | undefined): void {
  if (start !== undefined && start <= next) return;
  const finding = start === undefined ? 'does not exist' : `begins at ${start}`;
  throw sourceChanged(
    `${topic}, partition ${log}: offset ${next} comes next in the log, but the partition ${finding}`,
  );
}

/**
 * Checks that nothing was removed from the topic's end that the log has.
 * @param next index of the next entry
 * @param end next offset to be written; undefined when the partition does not exist
 * @throws Fatal `source-changed`
 */
export function assertNotShorter(topic: string, log: number, next: bigint, end: bigint | undefined): void {
  if (end !== undefined && end >= next) return;
  const finding = end === undefined ? 'does not exist' : `ends at ${end}`;
  throw sourceChanged(
    `${topic}, partition ${log}: the log holds offset ${next - 1n}, but the partition ${finding}`,
  );
}

/** The finding that a topic has an id that the log was not made from. */
export function topicMadeAnew(topic: string, log: number, topicId: string): Fatal {
  return sourceChanged(
    `${topic}, partition ${log}: the topic was deleted and created anew, it has the id ${topicId} now. ` +
      'If it was restored from a copy with all its offsets, set RESTORED_TOPIC_ID to this id',
  );
}

function sourceChanged(finding: string): Fatal {
  return new Fatal(
    SOURCE_CHANGED,
    `The topic was truncated or created anew; nothing more is appended. ${finding}. ` +
      'Restore the topic, or give the auditor an empty database to begin a new log (keep the old one: it is evidence).',
  );
}

function sameBytes(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

/** @param stored what the database gave back */
function sameHeaders(stored: LogEntry['headers'], received: LogRecord['headers']): boolean {
  const expected = storableHeaders(received);
  const names = Object.keys(stored);
  return (
    names.length === Object.keys(expected).length &&
    names.every((name) => sameBytes(stored[name] ?? null, expected[name] ?? null))
  );
}

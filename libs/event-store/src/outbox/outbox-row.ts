import { type OutgoingRecord } from '@quorate/messaging';

/** A record that waits for publishing. */
export interface OutboxRow {
  id: bigint;
  record: OutgoingRecord;
}

export interface OutboxTableRow {
  id: string;
  topic: string;
  partition: number | null;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, StoredHeader>;
}

type StoredHeader = string | { base64: string };

export const OUTBOX_COLUMNS = 'id, topic, partition, key, value, headers';

export function fromTableRow(row: OutboxTableRow): OutboxRow {
  const { topic, key, value, partition } = row;
  const headers = Object.fromEntries(
    Object.entries(row.headers).map(([name, content]) => [
      name,
      typeof content === 'string' ? content : Buffer.from(content.base64, 'base64'),
    ]),
  );
  return {
    id: BigInt(row.id),
    record: { topic, key, value, headers, ...(partition === null ? {} : { partition }) },
  };
}

/** Headers as JSON; bytes, and text that jsonb cannot hold, as base64. */
export function headersJson(headers: OutgoingRecord['headers']): string {
  const stored = Object.entries(headers).map(([name, content]): [string, StoredHeader] => [
    name,
    typeof content === 'string' && !/[\0\p{Surrogate}]/u.test(content)
      ? content
      : { base64: Buffer.from(content).toString('base64') },
  ]);
  return JSON.stringify(Object.fromEntries(stored));
}

import { type OutgoingRecord } from '@quorate/messaging';

/** The records of one transaction that wait for publishing. */
export interface OutboxRow {
  id: bigint;
  records: OutgoingRecord[];
  /** Only events: nobody waits for them, so they may wait a moment for what else is published. */
  isUnhurried?: boolean | undefined;
  /** When its COMMIT was known, by `performance.now()`; missing when it was read from the table. */
  handedOverAt?: number | undefined;
}

/** In quiet times rows lie this long after they were published; otherwise the next transaction deletes them. */
export const REMOVAL_MS = 200;

import { Invalid } from '@quorate/platform';
import { type Order, type Position } from '../ports/audit-log.port';

const CURSOR = /^(asc|desc):(0|[1-9]\d{0,8}):(0|[1-9]\d{0,18})$/;
const LAST_INDEX = 2n ** 63n - 1n;

/** A place in the log as an opaque text. It stays valid whatever is appended: entries never move. */
export function encodeCursor(order: Order, { log, index }: Position): string {
  return Buffer.from(`${order}:${log}:${index}`).toString('base64url');
}

/** @throws Invalid `cursor` when it is not a `nextCursor` of a page in this order. */
export function decodeCursor(cursor: string, order: Order): Position {
  const match = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const [, cursorOrder, log, index] = match ?? [];
  if (log === undefined || index === undefined || BigInt(index) > LAST_INDEX) {
    throw new Invalid(
      'cursor',
      'cursor is not valid: give the nextCursor of a page, unchanged, or leave it out',
    );
  }
  if (cursorOrder !== order) {
    throw new Invalid(
      'cursor',
      `cursor belongs to order=${cursorOrder}: give the same order as for its page`,
    );
  }
  return { log: Number(log), index: BigInt(index) };
}

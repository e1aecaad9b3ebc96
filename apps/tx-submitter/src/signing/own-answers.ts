/** Which records of mpc.finals the submitter has to look at: it reads them all, and most are for others. */
import { type LogRecord } from '@quorate/messaging';

/**
 * Whether a final can be for this requester, by a glance at its bytes: true for all that are, and for few others.
 * A final names its requester, whose characters need no escape in JSON; one with any escape is read properly later.
 */
export function canBeFor(requester: string): (record: LogRecord) => boolean {
  const quoted = Buffer.from(JSON.stringify(requester));
  return ({ value }) => value !== null && (value.includes(quoted) || value.includes('\\'));
}

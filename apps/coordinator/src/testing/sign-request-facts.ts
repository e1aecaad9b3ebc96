import { type Reservation, type SignRequested } from '../sign-request/events';

export const NOW = new Date('2026-11-21T12:00:00.000Z');
export const NODES = ['node-1', 'node-2', 'node-3'];
export const HASH = `0x${'aa'.repeat(32)}`;
export const OTHER_HASH = `0x${'bb'.repeat(32)}`;

export const REQUEST: SignRequested = {
  requester: 'alice',
  requestId: 'order-1',
  requestHash: HASH,
  keyId: 'k_1',
  path: null,
  payloadKind: 'eip191',
  digest: `0x${'cc'.repeat(32)}`,
  nonce: `0x${'dd'.repeat(32)}`,
  expiresAt: '2026-11-21T12:10:00.000Z',
  deadline: '2026-11-21T12:05:00.000Z',
  value: 'e30=',
  jws: 'a..b',
  approvals: null,
  intentId: null,
};

/** A reservation whose ids end with a number. */
export function reservation(n: number, committee: readonly string[] = ['node-1', 'node-2']): Reservation {
  const id = `0x${n.toString(16).padStart(64, '0')}`;
  return {
    presignatureId: id,
    sessionId: id,
    index: n,
    committee,
    epoch: 0,
    noncePoint: `0x02${'11'.repeat(32)}`,
  };
}

export function secondsLater(seconds: number): Date {
  return new Date(NOW.getTime() + seconds * 1000);
}

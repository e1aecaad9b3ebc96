import { MAX_EXPIRY_AHEAD_MS } from './limits';
import { rfc3339Milliseconds } from './schemas/time';

export type ExpiryVerdict = 'live' | 'expired' | 'too-far' | 'not-a-time';

/**
 * Whether a request may still be accepted at `now`: `expired` at or after expiresAt, `too-far` when expiresAt is more
 * than 24 h ahead (answered `invalid`).
 */
export function checkExpiry(expiresAt: string, now: Date): ExpiryVerdict {
  const expiry = rfc3339Milliseconds(expiresAt);
  if (expiry === undefined) return 'not-a-time';
  if (expiry <= now.getTime()) return 'expired';
  return expiry > now.getTime() + MAX_EXPIRY_AHEAD_MS ? 'too-far' : 'live';
}

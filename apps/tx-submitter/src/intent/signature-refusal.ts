/** What a refused sign request means for its intent. */
export interface Refusal {
  code: string;
  mayBeSigned: boolean;
  /** How many requests were refused before this one. */
  try: number;
  now: number;
}

/**
 * `ask-again`: the same transaction at the same nonce, in a fresh request. `fail`: it will not be signed, so its nonce
 * can go to the next intent.
 */
export type AfterRefusal = { kind: 'ask-again' } | { kind: 'fail'; code: string };

const definite = new Set(['policy', 'unauthorized', 'invalid']);
/** Nobody decided anything about the transaction. */
const temporary = new Set(['no-quorum', 'halted', 'overloaded']);
/** After its expiry, tries (about half a minute of them) until nobody who signed before can be expected to finish it. */
const triesAfterExpiry = 8;

/**
 * @param expiresAt when the intent may no longer get its first signature, in milliseconds since 1970.
 */
export function afterRefusal(refusal: Refusal, expiresAt: number): AfterRefusal {
  if (definite.has(refusal.code)) return { kind: 'fail', code: refusal.code };
  if (refusal.now <= expiresAt) return { kind: 'ask-again' };
  // Nodes that signed before the expiry sign the same transaction again; giving up at once would waste their work.
  if (refusal.mayBeSigned && (temporary.has(refusal.code) || refusal.try < triesAfterExpiry)) {
    return { kind: 'ask-again' };
  }
  return { kind: 'fail', code: 'expired' };
}

/** Milliseconds to wait before the given try (from 1): 0.25 s, doubling up to 15 s. */
export function pauseBeforeTry(next: number): number {
  return Math.min(250 * 2 ** (next - 1), 15_000);
}

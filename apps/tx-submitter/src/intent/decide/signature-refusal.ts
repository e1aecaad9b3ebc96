/** What a refused sign request means for its intent. */
export interface Refusal {
  code: string;
  /** Whether a node was asked about this transaction, now or in an earlier request. */
  mayBeSigned: boolean;
  /** The policy rule that refused it. */
  rule?: string | undefined;
  /** How many requests were refused before this one. */
  try: number;
  now: number;
}

/**
 * `ask-again`: the same transaction at the same nonce, in a fresh request. `fail`: it will not be signed; its nonce is
 * `free` for the next intent when no quorum of nodes can have signed it, otherwise `spent`.
 */
export type AfterRefusal = { kind: 'ask-again' } | { kind: 'fail'; code: string; nonce: 'free' | 'spent' };

/** Enough nodes decided against it that no others can sign it. */
const definite = new Set(['policy', 'unauthorized', 'invalid']);
/** Rules by which a node refuses what another transaction at this nonce bound it to. */
const bound = new Set(['nonce-bound', 'intent-bound']);
/** Nobody decided anything about the transaction. */
const temporary = new Set(['no-quorum', 'halted', 'overloaded']);
/** After its expiry, tries (about half a minute of them) until nobody who signed before can be expected to finish it. */
const triesAfterExpiry = 8;

/**
 * @param expiresAt when the intent may no longer get its first signature, in milliseconds since 1970.
 */
export function afterRefusal(refusal: Refusal, expiresAt: number): AfterRefusal {
  const { code, rule, mayBeSigned, now } = refusal;
  if (definite.has(code)) {
    return { kind: 'fail', code, nonce: rule !== undefined && bound.has(rule) ? 'spent' : 'free' };
  }
  if (now <= expiresAt) return { kind: 'ask-again' };
  // Nodes that signed before the expiry sign the same transaction again; giving up at once would waste their work.
  if (mayBeSigned && (temporary.has(code) || refusal.try < triesAfterExpiry)) return { kind: 'ask-again' };
  return { kind: 'fail', code: 'expired', nonce: mayBeSigned ? 'spent' : 'free' };
}

/** Milliseconds to wait before the given try (from 1): 0.25 s, doubling up to 15 s. */
export function pauseBeforeTry(next: number): number {
  return Math.min(250 * 2 ** (next - 1), 15_000);
}

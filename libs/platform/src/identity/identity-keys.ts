/**
 * The keys of one kid: the present one, and those that it replaced (docs/rotation.md). A former key is good for two things,
 * each with an end of its own: for what is decided now, until an instant; for what is read in the audit log, below an index.
 */
import { type KeyObject } from 'node:crypto';
import { z } from 'zod';
import { publicKeyBytes } from './identity-key';
import { ed25519PublicKey } from './public-key';

/** The keys under which a signature of one kid counts. */
export type VerificationKeys = KeyObject | readonly KeyObject[];

/** More than a key a week for a year is a mistake. */
const MOST_FORMER_KEYS = 64;

const logEnds = z.record(z.string().regex(/^\d{1,6}$/, 'expected the number of a log'), z.int().min(0));

/** A key that its owner replaced, in a file that pins keys. */
export const formerKey = z.strictObject({
  publicKey: ed25519PublicKey,
  /** What is signed with it counts for no decision from then on, by the reader's own clock. RFC 3339. */
  until: z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
  /**
   * By number of an audit log (a partition of mpc.events): from which index on nothing in it is signed with this key. A
   * time would not do: whoever stole the key dates records as he likes, and cannot choose their place in the log.
   */
  logs: logEnds.optional(),
});
export type FormerKey = z.output<typeof formerKey>;

/** The field `formerKeys` of an entry, beside its `publicKey`. */
export const formerKeys = z.array(formerKey).max(MOST_FORMER_KEYS).default([]);

/** A place in an audit log. */
export interface LogPlace {
  readonly log: number;
  readonly index: number | bigint;
}

export class IdentityKeys {
  constructor(
    readonly present: KeyObject,
    readonly former: readonly FormerKey[] = [],
  ) {}

  /** The keys whose signatures count for a decision at this time (milliseconds since 1970). */
  at(now: number): VerificationKeys {
    return this.with((key) => now < key.until);
  }

  /** The keys that may have signed the entry at this place. A former key whose end in the log is not known yet may have. */
  inLog({ log, index }: LogPlace): VerificationKeys {
    return this.with(({ logs }) => index < (logs?.[String(log)] ?? Infinity));
  }

  /** All of them, the present one first: whose key something old names, not what may be signed. */
  ever(): readonly KeyObject[] {
    return [this.present, ...this.former.map(({ publicKey }) => publicKey)];
  }

  private with(counts: (key: FormerKey) => boolean): VerificationKeys {
    if (this.former.length === 0) return this.present;
    return [this.present, ...this.former.filter(counts).map(({ publicKey }) => publicKey)];
  }
}

/** What a list of entries is told where `formerKeysAreGone` does not hold. */
export const FORMER_KEY_IN_USE = 'expected no former key that is the present key of an entry';

/** Whether no entry's former key is the present key of an entry: a key that was replaced never comes back. */
export function formerKeysAreGone(
  entries: readonly { readonly publicKey: KeyObject; readonly formerKeys: readonly FormerKey[] }[],
): boolean {
  const present = new Set(entries.map(({ publicKey }) => rawKey(publicKey)));
  return entries.every((entry) => entry.formerKeys.every(({ publicKey }) => !present.has(rawKey(publicKey))));
}

function rawKey(key: KeyObject): string {
  return publicKeyBytes(key).toString('hex');
}

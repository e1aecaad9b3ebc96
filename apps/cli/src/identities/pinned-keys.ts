/** The documents that pin keys (PEERS_FILE, REQUESTERS_FILE, policies) before, during and after a rotation. Pure. */
import { type Ed25519Jwk, ed25519Jwk } from '@quorate/platform';
import { z } from 'zod';
import { CommandFailure, EXIT } from '../exit-code';

const former = z.looseObject({
  publicKey: ed25519Jwk,
  until: z.string(),
  logs: z.record(z.string(), z.number()).optional(),
});
const entry = z.looseObject({
  kid: z.string(),
  publicKey: ed25519Jwk,
  formerKeys: z.array(former).optional(),
});
type Entry = z.output<typeof entry>;
/** Who approves requests of somebody: there is no overlap, an approval is asked for anew. */
const approver = z.looseObject({ kid: z.string(), publicKey: ed25519Jwk });

const document = z.looseObject({
  peers: z.array(entry).optional(),
  requesters: z
    .array(
      z.looseObject({
        ...entry.shape,
        approvals: z.looseObject({ approvers: z.array(approver) }).optional(),
      }),
    )
    .optional(),
  operators: z.union([z.array(entry), z.looseObject({ keys: z.array(entry) })]).optional(),
});
type Document = z.output<typeof document>;

/** A kid whose key is replaced. */
export interface Replacement {
  readonly kid: string;
  readonly before: Ed25519Jwk;
  readonly after: Ed25519Jwk;
  /** Until when what the former key signed counts for decisions. */
  readonly until: Date;
}

/**
 * The document with the new key of the kid wherever it is pinned, the former one beside it.
 * @returns undefined when nothing in it changes: the kid is not in it, or has the new key already
 * @throws CommandFailure `another-key` when it pins neither key: then the files of the installation do not belong together
 */
export function announced(given: unknown, file: string, change: Replacement): object | undefined {
  let isChanged = false;
  const replaced = <E extends { kid: string; publicKey: Ed25519Jwk }>(
    one: E,
    keep: (former: Ed25519Jwk) => object,
  ): E => {
    const { kid, before, after } = change;
    if (one.kid !== kid || one.publicKey.x === after.x) return one;
    if (one.publicKey.x !== before.x) {
      throw new CommandFailure(
        EXIT.failure,
        'another-key',
        `${file} pins another key for ${kid} than the one of its private key: put this right first`,
      );
    }
    isChanged = true;
    return { ...one, publicKey: after, ...keep(one.publicKey) };
  };
  const withFormer = (one: Entry): Entry =>
    replaced(one, (publicKey) => ({
      formerKeys: [...(one.formerKeys ?? []), { publicKey, until: change.until.toISOString() }],
    }));
  const changed = eachEntry(document.parse(given), withFormer, (one) => replaced(one, () => ({})));
  return isChanged ? changed : undefined;
}

/** A file of which former keys are kept for what the audit log holds; policies forget them. */
type Kept = 'for the log' | 'not at all';

/**
 * The document when former keys count for no decision from `now` on.
 * @returns undefined when nothing in it changes
 */
export function ended(given: unknown, now: Date, kept: Kept): object | undefined {
  let isChanged = false;
  const changed = eachEntry(document.parse(given), ({ formerKeys, ...one }) => {
    if (formerKeys === undefined) return one;
    if (kept === 'not at all') {
      isChanged = true;
      return one;
    }
    return {
      ...one,
      formerKeys: formerKeys.map((key) => {
        if (Date.parse(key.until) <= now.getTime()) return key;
        isChanged = true;
        return { ...key, until: now.toISOString() };
      }),
    };
  });
  return isChanged ? changed : undefined;
}

/**
 * The document when its former keys that have no end in the log yet get these.
 * @param ends by number of the log: the index from which on they sign nothing
 * @returns undefined when nothing in it changes
 */
export function bounded(given: unknown, ends: Readonly<Record<string, number>>): object | undefined {
  let isChanged = false;
  const changed = eachEntry(document.parse(given), ({ formerKeys, ...one }) => {
    if (formerKeys === undefined) return one;
    return {
      ...one,
      formerKeys: formerKeys.map((key) => {
        if (key.logs !== undefined) return key;
        isChanged = true;
        return { ...key, logs: ends };
      }),
    };
  });
  return isChanged ? changed : undefined;
}

/** Kids with a former key that has no end yet: their rotation is not finished. */
export function unfinished(given: unknown): string[] {
  const found: string[] = [];
  eachEntry(document.parse(given), (one) => {
    if (one.formerKeys?.some(({ logs }) => logs === undefined) === true) found.push(one.kid);
    return one;
  });
  return found;
}

function eachEntry(
  { peers, requesters, operators, ...others }: Document,
  change: (entry: Entry) => Entry,
  changeApprover: (entry: z.output<typeof approver>) => z.output<typeof approver> = (one) => one,
): object {
  return {
    ...others,
    ...(peers && { peers: peers.map(change) }),
    ...(operators && {
      operators: Array.isArray(operators)
        ? operators.map(change)
        : { ...operators, keys: operators.keys.map(change) },
    }),
    ...(requesters && {
      requesters: requesters.map(({ approvals, ...one }) => ({
        ...change(one),
        ...(approvals && {
          approvals: { ...approvals, approvers: approvals.approvers.map(changeApprover) },
        }),
      })),
    }),
  };
}

import { z } from 'zod';
import { type Logger } from '../logging/logger';
import {
  FORMER_KEY_IN_USE,
  formerKeys,
  formerKeysAreGone,
  IdentityKeys,
  type LogPlace,
  type VerificationKeys,
} from './identity-keys';
import { ed25519PublicKey, kid, uniqueKids } from './public-key';
import { parseJsonFile, WatchedFile } from './watched-file';

const requesterRole = z.enum(['client', 'submitter']);
export type RequesterRole = z.output<typeof requesterRole>;

const atLeastOne = z.int({ error: 'expected a whole number' }).min(1, { error: 'expected at least 1' });
/** How much of a requester's work is taken at a time; what is more is answered `overloaded` (docs/overload.md). */
const requesterLimits = z.strictObject({
  /** Requests a second, in the long run. */
  perSecond: atLeastOne,
  /** Requests at once, after a pause. */
  burst: atLeastOne,
  /** Requests without an outcome. */
  open: atLeastOne,
});
export type RequesterLimits = z.output<typeof requesterLimits>;

const requester = z.object({
  kid,
  role: requesterRole,
  publicKey: ed25519PublicKey,
  formerKeys,
  limits: requesterLimits.optional(),
  /** The keys whose accounts it may ask a submitter to spend from. What is signed, nodes' policies say. */
  keys: z.array(z.union([z.literal('*'), kid], { error: 'expected a key id or "*"' })).default(['*']),
});
/** As it may ask now: `publicKey` is what its signature is checked with. */
export type Requester = Known<z.output<typeof requester>>;

const operator = z.object({ kid, publicKey: ed25519PublicKey, formerKeys });
export type Operator = Known<z.output<typeof operator>>;

type Known<Entry> = Omit<Entry, 'publicKey' | 'formerKeys'> & { readonly publicKey: VerificationKeys };

export const requestersFile = z.object({
  requesters: z
    .array(requester)
    .refine(uniqueKids, { error: 'expected every kid once' })
    .refine(formerKeysAreGone, { error: FORMER_KEY_IN_USE }),
  operators: z
    .array(operator)
    .refine(uniqueKids, { error: 'expected every kid once' })
    .refine(formerKeysAreGone, { error: FORMER_KEY_IN_USE })
    .default([]),
});

/** Key lookup for what requesters signed, as entries of the audit log hold it. */
export function requestersInLog({
  requesters,
}: z.output<typeof requestersFile>): (kid: string, place: LogPlace) => VerificationKeys | undefined {
  const keys = new Map(
    requesters.map((entry) => [entry.kid, new IdentityKeys(entry.publicKey, entry.formerKeys)]),
  );
  return (kid, place) => keys.get(kid)?.inLog(place);
}

/** Who may ask (REQUESTERS_FILE): read again on SIGHUP and when the file changes. */
export class RequesterDirectory {
  private constructor(private readonly file: WatchedFile<z.output<typeof requestersFile>>) {}

  /** @throws Fatal `file` naming what is wrong in the file. */
  static load(file: string, logger: Logger): RequesterDirectory {
    return new RequesterDirectory(
      new WatchedFile(file, (text, name) => parseJsonFile(text, name, requestersFile), logger, true),
    );
  }

  /** All who may ask now. */
  kids(): string[] {
    return this.file.current().requesters.map(({ kid }) => kid);
  }

  requester(kid: string): Requester | undefined {
    return known(this.file.current().requesters.find((entry) => entry.kid === kid));
  }

  /** Whether a requester may ask a submitter to spend from the accounts of a key. */
  mayUse(kid: string, keyId: string): boolean {
    const keys = this.requester(kid)?.keys ?? [];
    return keys.includes('*') || keys.includes(keyId);
  }

  operator(kid: string): Operator | undefined {
    return known(this.file.current().operators.find((entry) => entry.kid === kid));
  }

  reload(): void {
    this.file.reload();
  }

  close(): void {
    this.file.close();
  }
}

function known<Entry extends z.output<typeof operator>>(entry: Entry | undefined): Known<Entry> | undefined {
  if (entry === undefined) return undefined;
  const { publicKey, formerKeys: former, ...facts } = entry;
  return { ...facts, publicKey: new IdentityKeys(publicKey, former).at(Date.now()) };
}

import { z } from 'zod';
import { type Logger } from '../logging/logger';
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
  limits: requesterLimits.optional(),
});
export type Requester = z.output<typeof requester>;

const operator = z.object({ kid, publicKey: ed25519PublicKey });
export type Operator = z.output<typeof operator>;

export const requestersFile = z.object({
  requesters: z.array(requester).refine(uniqueKids, { error: 'expected every kid once' }),
  operators: z.array(operator).refine(uniqueKids, { error: 'expected every kid once' }).default([]),
});

/** Who may ask (REQUESTERS_FILE): read again on SIGHUP and when the file changes. */
export class RequesterDirectory {
  private constructor(private readonly file: WatchedFile<z.output<typeof requestersFile>>) {}

  /** @throws Fatal `file` naming what is wrong in the file. */
  static load(file: string, logger: Logger): RequesterDirectory {
    return new RequesterDirectory(
      new WatchedFile(file, (text, name) => parseJsonFile(text, name, requestersFile), logger),
    );
  }

  requester(kid: string): Requester | undefined {
    return this.file.current().requesters.find((entry) => entry.kid === kid);
  }

  operator(kid: string): Operator | undefined {
    return this.file.current().operators.find((entry) => entry.kid === kid);
  }

  reload(): void {
    this.file.reload();
  }

  close(): void {
    this.file.close();
  }
}

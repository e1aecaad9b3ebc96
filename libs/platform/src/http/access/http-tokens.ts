/**
 * The bearer tokens of an HTTP API (RFC 6750). The service knows their SHA-256 only: whoever reads HTTP_TOKENS_FILE can
 * call nothing with it. Tokens are random, so that neither salt nor a slow hash would add anything.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { exposureOf } from '../../config/private-file';
import { Invalid } from '../../errors/errors';
import { parseJsonFile, WatchedFile } from '../../identity/watched-file';
import { type Logger } from '../../logging/logger';

/** What a token allows: reading, exports, handing in cosignatures, and changing what the service does. */
export const httpRole = z.enum(['reader', 'exporter', 'witness', 'operator'], {
  error: 'expected reader, exporter, witness or operator',
});
export type HttpRole = z.output<typeof httpRole>;

const entry = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_.:-]{1,100}$/, 'expected 1 to 100 of A-Z a-z 0-9 _ . : -'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected the SHA-256 of the token, 64 hex digits')
    .transform((hex) => Buffer.from(hex, 'hex')),
  roles: z.array(httpRole).min(1, 'expected at least one role'),
});
/** Whose token it is, and what it allows. */
export type TokenHolder = Pick<z.output<typeof entry>, 'name' | 'roles'>;

const tokensFile = z.strictObject({
  tokens: z
    .array(entry)
    .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, {
      error: 'expected every name once',
    })
    .refine((all) => new Set(all.map(({ sha256 }) => sha256.toString('hex'))).size === all.length, {
      error: 'expected every token once',
    }),
});

/** Who may call (HTTP_TOKENS_FILE): read again on SIGHUP and when the file changes. */
export class HttpTokens {
  private constructor(private readonly file: WatchedFile<z.output<typeof tokensFile>>) {}

  /** @throws Fatal `file` naming what is wrong in the file, or who else may read it. */
  static load(file: string, logger: Logger): HttpTokens {
    const parse = (text: string, name: string) => {
      assertPrivate(name);
      return parseJsonFile(text, name, tokensFile);
    };
    return new HttpTokens(new WatchedFile(file, parse, logger));
  }

  /** Whose token this is. Every entry is compared, in constant time: the answer's delay tells nothing. */
  holder(token: string): TokenHolder | undefined {
    const digest = sha256(token);
    let holder: TokenHolder | undefined;
    for (const known of this.file.current().tokens) if (timingSafeEqual(known.sha256, digest)) holder = known;
    return holder;
  }

  reload(): void {
    this.file.reload();
  }

  close(): void {
    this.file.close();
  }
}

function sha256(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function assertPrivate(file: string): void {
  const exposure = exposureOf(file);
  if (exposure !== undefined) throw new Invalid('file', exposure);
}

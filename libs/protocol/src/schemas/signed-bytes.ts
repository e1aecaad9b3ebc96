import { z } from 'zod';
import { JWS_LENGTH_LIMIT } from '../limits';
import { base64urlBytes } from './primitives';

/** A detached JWS in compact form, `protected..signature`; the signature itself is checked by `verifyDetached`. */
export const detachedJwsSchema = z
  .string({ error: 'must be a detached JWS: protected..signature' })
  .max(JWS_LENGTH_LIMIT, { error: `must be at most ${JWS_LENGTH_LIMIT} characters`, abort: true })
  .regex(/^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+$/, { error: 'must be a detached JWS: protected..signature' });

/** Somebody's record carried inside another: its exact bytes (base64url) and the detached JWS over them. */
export function signedBytesSchema(maxBytes: number) {
  return z.object({ bytes: base64urlBytes(maxBytes), jws: detachedJwsSchema });
}

export interface SignedBytes {
  readonly bytes: string;
  readonly jws: string;
}

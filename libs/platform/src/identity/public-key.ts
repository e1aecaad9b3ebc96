import { createPublicKey, type KeyObject } from 'node:crypto';
import { z } from 'zod';

/** An Ed25519 public key as JWK (RFC 8037). */
export const ed25519Jwk = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'expected 32 bytes in base64url'),
});
export type Ed25519Jwk = z.output<typeof ed25519Jwk>;

/** Identifier of an identity key, as in a JWS header. */
export const kid = z.string().regex(/^[A-Za-z0-9_.:-]{1,100}$/, 'expected 1 to 100 of A-Z a-z 0-9 _ . : -');

/** @throws Error when the bytes are no public key. */
export function publicKeyOf(jwk: Ed25519Jwk): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' });
}

/** A JWK in a configuration file, parsed into the key object that verifies signatures. */
export const ed25519PublicKey = ed25519Jwk.transform((jwk, context) => {
  try {
    return publicKeyOf(jwk);
  } catch {
    context.addIssue({ code: 'custom', message: 'expected an Ed25519 public key' });
    return z.NEVER;
  }
});

/** Whether every kid occurs once: a kid with two keys would make a signature ambiguous. */
export function uniqueKids(entries: readonly { readonly kid: string }[]): boolean {
  return new Set(entries.map((entry) => entry.kid)).size === entries.length;
}

import { type KeyObject } from 'node:crypto';
import { type Ed25519Jwk, publicKeyOf } from '@quorate/platform';

/** Finds the verification key of a `kid`; undefined when nobody is known under that name. */
export type KeyLookup = (kid: string) => KeyObject | undefined;

/**
 * A lookup over fixed identities, such as the trust map of a client. Key objects are made once: making one costs more
 * than checking a signature.
 */
export function keyLookup(identities: Readonly<Record<string, Ed25519Jwk>>): KeyLookup {
  const keys = new Map(Object.entries(identities).map(([kid, jwk]) => [kid, publicKeyOf(jwk)]));
  return (kid) => keys.get(kid);
}

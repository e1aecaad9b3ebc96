import { type Ed25519Jwk, type LogPlace, publicKeyOf, type VerificationKeys } from '@quorate/platform';

/** Finds the verification keys of a `kid`; undefined when nobody is known under that name. */
export type KeyLookup = (kid: string) => VerificationKeys | undefined;

/** The same for what an audit log holds, where a key that was replaced ends at a place (docs/rotation.md). */
export type LogKeyLookup = (kid: string, place: LogPlace) => VerificationKeys | undefined;

/**
 * A lookup over fixed identities, such as the trust map of a client. Key objects are made once: making one costs more
 * than checking a signature.
 */
export function keyLookup(
  identities: Readonly<Record<string, Ed25519Jwk | readonly Ed25519Jwk[]>>,
): KeyLookup {
  const keys = new Map(
    Object.entries(identities).map(([kid, given]) => [
      kid,
      'x' in given ? publicKeyOf(given) : given.map(publicKeyOf),
    ]),
  );
  return (kid) => keys.get(kid);
}

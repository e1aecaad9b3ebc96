import { type KeyFacts } from '@quorate/protocol';
import { parseSuiteId, type SuiteId } from '@quorate/threshold';

/** What the members of an epoch agree on, in whatever record it stands. */
interface Content {
  readonly threshold: number;
  readonly participants: readonly string[];
  readonly publicKey: string;
  readonly publicShares: Readonly<Record<string, string>>;
  readonly chainCode: string;
}

/** Suites of new keys by scheme (threshold-ecdsa.md 1); 2 is 1 with larger parameters, which nobody can order. */
const SUITES: Readonly<Record<string, SuiteId>> = {
  'ecdsa-secp256k1': 1,
  'eddsa-ed25519': 3,
  'bip340-secp256k1': 4,
};

/** The suite in which a new key of the scheme is made; undefined for an unknown scheme. */
export function suiteOfScheme(scheme: string): SuiteId | undefined {
  return SUITES[scheme];
}

/** The suite of a key; undefined when this version does not know it. */
export function suiteOf({ certificate }: Pick<KeyFacts, 'certificate'>): SuiteId | undefined {
  return parseSuiteId(certificate.suite);
}

/** Party index by node: `participants` are in ascending order of the indices that name the public shares. */
export function indicesOf({
  participants,
  publicShares,
}: Pick<Content, 'participants' | 'publicShares'>): Map<string, number> {
  const indices = Object.keys(publicShares)
    .map(Number)
    .sort((a, b) => a - b);
  return new Map(participants.map((node, place) => [node, indices[place] ?? 0]));
}

/** Compares what must never differ within one epoch of a key. */
export function isSameContent(a: Content, b: Content): boolean {
  return contentOf(a) === contentOf(b);
}

function contentOf({ threshold, participants, publicKey, chainCode, publicShares }: Content): string {
  const shares = Object.keys(publicShares)
    .map(Number)
    .sort((a, b) => a - b)
    .map((index) => [index, publicShares[String(index)]]);
  return JSON.stringify([threshold, participants, publicKey, chainCode, shares]);
}

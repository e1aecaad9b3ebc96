/** Shares of any suite as the bytes that are sealed and handed to the protocol thread. */
import {
  decodeKeyShare,
  decodePendingKeyShare,
  decodePendingSchnorrKeyShare,
  decodeSchnorrKeyShare,
  InvalidInput,
  isEcdsaSuite,
  type KeyShare,
  parseSuiteId,
  type PendingKeyShare,
  type PendingSchnorrKeyShare,
  type SchnorrKeyShare,
} from '@quorate/threshold';

export type AnyKeyShare = KeyShare | SchnorrKeyShare;
export type AnyPendingShare = PendingKeyShare | PendingSchnorrKeyShare;

/** Place of the suite in an encoded share, after version and kind. */
const SUITE_OFFSET = 2;

export function isEcdsaShare(share: AnyKeyShare): share is KeyShare {
  return isEcdsaSuite(share.suite);
}

/** @throws InvalidInput for anything that `encodeKeyShare` did not make */
export function decodeShare(encoded: Buffer): AnyKeyShare {
  return isOfEcdsa(encoded) ? decodeKeyShare(encoded) : decodeSchnorrKeyShare(encoded);
}

/** @throws InvalidInput for anything that `encodePendingKeyShare` did not make */
export function decodePendingShare(encoded: Buffer): AnyPendingShare {
  return isOfEcdsa(encoded) ? decodePendingKeyShare(encoded) : decodePendingSchnorrKeyShare(encoded);
}

function isOfEcdsa(encoded: Buffer): boolean {
  const suite = parseSuiteId(encoded[SUITE_OFFSET] ?? 0);
  if (suite === undefined) throw new InvalidInput('not an encoded share of a known suite');
  return isEcdsaSuite(suite);
}

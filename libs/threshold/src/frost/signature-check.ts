/** Checks of finished Schnorr signatures: RFC 8032 by libsodium, BIP-340 on libsecp256k1. Public values only. */
import { type Point, xCoordinate } from '../group/point';
import { sodium } from '../group/sodium';
import { type SchnorrSuiteId } from '../suite';
import { ciphersuite, isOdd } from './ciphersuite';

const SIGNATURE_BYTES = 64;

/**
 * Whether the 64 bytes are a signature of the message. Every signer checks what it is shown, too.
 *
 * @param publicKey of suite 3, or of suite 4 with either y: only x matters
 */
export function verifySchnorrSignature(
  suite: SchnorrSuiteId,
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Point,
): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  if (suite === 4) return verifyBip340(signature, message, publicKey);
  return sodium.crypto_sign_verify_detached(signature, message, publicKey);
}

/** Verify(pk, m, sig) of BIP-340: R = s * G - e * P has an even y and the x of the signature. */
function verifyBip340(signature: Uint8Array, message: Uint8Array, publicKey: Point): boolean {
  const suite = ciphersuite(4);
  const { group } = suite;
  const [r, s] = [Buffer.from(signature.subarray(0, 32)), signature.subarray(32)];
  const nonceOf = group.parsePoint(Buffer.concat([Buffer.of(2), r]));
  if (!nonceOf || !group.isNonZeroScalar(s)) return false;
  const evenKey = isOdd(publicKey) ? group.negatePoint(publicKey) : publicKey;
  const e = suite.challenge(nonceOf, evenKey, message);
  if (e === 0n) return false;
  const keyTerm = group.negatePoint(group.multiplyPublic(evenKey, e));
  const noncePoint = group.addPoints(group.multiplyBase(s), keyTerm);
  return noncePoint !== undefined && !isOdd(noncePoint) && xCoordinate(noncePoint).equals(r);
}

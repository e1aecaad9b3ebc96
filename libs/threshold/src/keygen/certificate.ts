/** The certificate of a key: n identical signed confirmations (specification section 3, round 4). */
import {
  BROADCAST,
  ed25519PublicKey,
  encodeFrame,
  FRAME_TYPES,
  parseFrame,
  verifyFrame,
} from '../session/frame';
import { H, type HashInput } from '../hash';
import { type Point } from '../group/point';
import { interpolatePoints } from '../sharing/polynomial';
import { MAX_PARTIES, type SuiteId } from '../suite';

/** Every field that the confirmation hashes. */
export interface KeyFacts {
  /** ssid of key generation, 32 B. */
  readonly ssid: Buffer;
  /** D2, the digest of all round 2 broadcasts, 32 B. */
  readonly transcript: Buffer;
  /** t */
  readonly threshold: number;
  /** Raw Ed25519 public keys (32 B) by party. */
  readonly identities: ReadonlyMap<number, Buffer>;
  readonly publicKey: Point;
  /** P_m by party. */
  readonly publicShares: ReadonlyMap<number, Point>;
  readonly chainCode: Buffer;
}

/** Transferable: whoever knows the parties' identity keys can verify it. */
export interface Certificate extends KeyFacts {
  readonly suite: SuiteId;
  readonly epoch: number;
  /** sid of key generation, which the signed frames carry. */
  readonly sid: Buffer;
  /** Signatures (64 B) of the confirmation frames by party. */
  readonly signatures: ReadonlyMap<number, Buffer>;
}

/** The round in which key generation confirms. */
export const CONFIRMATION_ROUND = 4;

/** u8 0 || H("dkg/final", ssid, D2, t, (i, IK_i) of all i, pk, P_1..P_n, chain), 33 bytes. */
export function confirmationPayload(facts: KeyFacts): Buffer {
  const digest = H(
    'dkg/final',
    facts.ssid,
    facts.transcript,
    facts.threshold,
    ...list(facts.identities),
    facts.publicKey,
    ...list(facts.publicShares),
    facts.chainCode,
  );
  return Buffer.concat([Buffer.from([0]), digest]);
}

/**
 * Whether all parties, and no one else, confirmed these facts, the identity keys are the expected ones, and the public
 * shares lie on one polynomial of degree t-1 whose constant is the public key.
 *
 * @param identities raw Ed25519 public keys of exactly the key's parties, from the verifier's own configuration
 */
export function verifyCertificate(
  certificate: Certificate,
  identities: ReadonlyMap<number, Uint8Array>,
): boolean {
  const { threshold, publicShares, signatures } = certificate;
  const parties = [...identities.keys()];
  const isThreshold = threshold >= 2 && threshold <= parties.length && parties.length <= MAX_PARTIES;
  const sameParties = [certificate.identities, publicShares, signatures].every(
    (map) => map.size === parties.length && parties.every((party) => map.has(party)),
  );
  if (!isThreshold || !sameParties || !lieOnPolynomial(certificate)) return false;
  const payload = confirmationPayload(certificate);
  return [...identities].every(
    ([party, key]) =>
      certificate.identities.get(party)?.equals(key) === true &&
      isConfirmation(certificate, party, key, payload),
  );
}

function isConfirmation(certificate: Certificate, party: number, key: Uint8Array, payload: Buffer): boolean {
  const signature = certificate.signatures.get(party);
  const { suite, epoch, sid } = certificate;
  if (signature?.length !== 64 || sid.length !== 32) return false;
  const header = {
    suite,
    type: FRAME_TYPES.dkg,
    round: CONFIRMATION_ROUND,
    keyId: Buffer.alloc(32),
    epoch,
    sid,
    from: party,
    to: BROADCAST,
  };
  const frame = parseFrame(encodeFrame(header, payload, () => signature));
  return frame !== undefined && verifyFrame(frame, ed25519PublicKey(key));
}

function lieOnPolynomial({ threshold, publicKey, publicShares }: KeyFacts): boolean {
  const shares = [...publicShares];
  const base = new Map(shares.slice(0, threshold));
  const isOn = (x: number, point: Point) => interpolatePoints(base, x)?.equals(point) === true;
  return isOn(0, publicKey) && shares.slice(threshold).every(([party, point]) => isOn(party, point));
}

/** Section 1.5: count, then index and field of each element, ascending. */
function list(fields: ReadonlyMap<number, Uint8Array>): HashInput[] {
  const ascending = [...fields].sort(([a], [b]) => a - b);
  return [ascending.length, ...ascending.flat()];
}

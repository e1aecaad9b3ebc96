/** Combination of FROST shares to a signature (RFC 9591, sections 5.3 and 5.4). Works on public values only. */
import { InvalidInput, ProtocolFailure } from '../errors';
import { type Group } from '../group/group';
import { type Point } from '../group/point';
import { bytesToInteger, mod } from '../group/scalar';
import { isOdd, scalarBytes } from './ciphersuite';
import { type Commitment, type NonceCommitments } from './nonce';
import { type FrostRequest, type FrostShare, signingPackage } from './share';
import { verifySchnorrSignature } from './signature-check';
import { type Coefficients } from './signing-equation';

/** What the combiner knows: public values. */
export interface FrostCombineInput {
  readonly nonce: NonceCommitments;
  readonly request: FrostRequest;
  /** Of exactly the committee, as received. */
  readonly shares: ReadonlyMap<number, FrostShare>;
  /** P_j of at least the committee, of the nonce's key and epoch. */
  readonly publicShares: ReadonlyMap<number, Point>;
}

/** A verified Schnorr signature. */
export interface FrostSignature {
  /** As RFC 8032 or BIP-340 has it, 64 B. */
  readonly signature: Buffer;
  /** The key that it verifies under: of suite 4 the one of even y, after the tweak. */
  readonly publicKey: Point;
}

/**
 * Every share is verified alone before any is added, so a wrong one names its sender. That convicts before others when the
 * share came in a frame or record that its sender signed: the commitments are in the signed broadcasts of the nonce session,
 * the public shares in the key's certificate.
 *
 * A failure does not mean "not signed": whoever holds all shares may have the signature.
 *
 * @throws ProtocolFailure IDENT `frost.share`, AGREE `frost.req` (a signer saw another request; its index is for the
 *   operator, it convicts nobody), UNATTRIBUTED `frost.nonce`, `frost.signature` (the public shares are not of this key)
 * @throws InvalidInput when shares or public shares are not those of the committee, or the request is malformed
 */
export function combineFrostShares({
  nonce,
  request,
  shares,
  publicShares,
}: FrostCombineInput): FrostSignature {
  const { suite, key, commitments, equation, req } = signingPackage(nonce, request);
  const { group } = suite;
  if (shares.size !== commitments.size) throw new InvalidInput('shares are of exactly the committee');
  let z = 0n;
  for (const [member, commitment] of commitments) {
    const share = shares.get(member);
    const publicShare = publicShares.get(member);
    const coefficients = equation.coefficients.get(member);
    if (!share || !publicShare || !coefficients) throw new InvalidInput(`no share of party ${member}`);
    if (!share.req.equals(req) || !share.nonceId.equals(nonce.nonceId)) {
      throw new ProtocolFailure('AGREE', 'frost.req', member);
    }
    if (!shareHolds(group, share.z, coefficients, commitment, publicShare)) {
      throw new ProtocolFailure('IDENT', 'frost.share', member);
    }
    z = mod(z + bytesToInteger(share.z), group.order);
  }
  const { noncePoint } = equation;
  const R = suite.xOnly && isOdd(noncePoint) ? group.negatePoint(noncePoint) : noncePoint;
  const signature = suite.encodeSignature(R, scalarBytes(z));
  if (!verifySchnorrSignature(nonce.suite, signature, request.message, key.point)) {
    throw new ProtocolFailure('UNATTRIBUTED', 'frost.signature');
  }
  return { signature, publicKey: key.point };
}

/** z_j * G = hiding * D_j + binding * E_j + key * P_j + constant * G (section 5.4), for a canonical z_j. */
function shareHolds(
  group: Group,
  z: Buffer,
  coefficients: Coefficients,
  commitment: Commitment,
  publicShare: Point,
): boolean {
  if (!group.isNonZeroScalar(z)) return false;
  const withoutConstant = mod(bytesToInteger(z) - coefficients.constant, group.order);
  if (withoutConstant === 0n) return false;
  const { hiding, binding } = commitment;
  const right = group.addPoints(
    coefficients.hiding === 1n ? hiding : group.negatePoint(hiding),
    group.multiplyPublic(binding, coefficients.binding),
    group.multiplyPublic(publicShare, coefficients.key),
  );
  return right?.equals(group.multiplyBase(scalarBytes(withoutConstant))) === true;
}

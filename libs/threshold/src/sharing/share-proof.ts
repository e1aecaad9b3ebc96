/**
 * Zero-knowledge proofs about shares: that a party has its share, and that a committed share is the one of its public
 * share, without showing either.
 *
 * Both are sigma protocols under the Fiat-Shamir transform: Schnorr's proof of knowledge ("Efficient Signature Generation
 * by Smart Cards", J. Cryptology 4, 1991), and the conjunction of two of them with one challenge (Cramer, Damgard and
 * Schoenmakers, CRYPTO '94). The challenges bind the group, the caller's context and the whole statement, in the injective
 * framing of section 1.1: proofs that were not bound to their session (CVE-2022-47930) and ambiguous encodings of what is
 * hashed (TSSHOCK, 2023) broke published implementations.
 */
import { ByteReader } from '../byte-reader';
import { type Group, hashToScalar } from '../group/group';
import { type Point } from '../group/point';
import { SCALAR_BYTES, scalarToBytes } from '../group/scalar';
import { H } from '../hash';
import { type RandomSource } from '../random';
import { pedersenBase } from './pedersen';
import { type Commitments, evaluateCommitments } from './polynomial';
import { proveKnowledge, verifyKnowledge } from './proof-of-knowledge';
import { isShareIndex } from './shamir';

/** "Party `index` has its share of the Feldman sharing with these commitments." */
export interface ShareStatement {
  /** A_0 .. A_{t-1} */
  readonly commitments: Commitments;
  /** i */
  readonly index: number;
}

/**
 * Proof of knowledge of s_i with s_i*G = sum_k i^k*A_k: {@link proveKnowledge} with the session
 * H("share/pok", group, context, t, A_0 .. A_{t-1}).
 *
 * @param context what the proof must not be valid outside of (session, purpose): any bytes
 * @param share s_i, 32 bytes big-endian
 * @returns `knowledgeProofBytes(group)` bytes, which verify only if the share is that of the statement
 */
export function proveShare(
  group: Group,
  context: Uint8Array,
  statement: ShareStatement,
  share: Uint8Array,
  random: RandomSource,
): Buffer {
  const session = shareSession(group, context, statement);
  return proveKnowledge(group, session, statement.index, share, group.multiplyBase(share), random);
}

/** Whether the prover has the share of the statement. False for anything malformed. */
export function verifyShareProof(
  group: Group,
  context: Uint8Array,
  statement: ShareStatement,
  proof: Uint8Array,
): boolean {
  if (!isShareIndex(statement.index)) return false;
  const publicShare = evaluateCommitments(group, statement.commitments, statement.index);
  if (!publicShare) return false;
  return verifyKnowledge(group, shareSession(group, context, statement), statement.index, publicShare, proof);
}

/** "The Pedersen commitment C = s*G + r*H is to the share s of P = s*G." */
export interface LinkStatement {
  /** P */
  readonly publicShare: Point;
  /** C */
  readonly commitment: Point;
}

/** Length of an encoded {@link proveLink}: T1 || T2 || z1 || z2. */
export function linkProofBytes(group: Group): number {
  return 2 * (group.pointBytes + SCALAR_BYTES);
}

/**
 * Proof of knowledge of s and r with P = s*G and C - P = r*H: T1 = a*G, T2 = b*H,
 * c = hashToScalar("share/link", group, context, H, P, C, T1, T2), z1 = a + c*s, z2 = b + c*r.
 *
 * @param context what the proof must not be valid outside of: any bytes
 * @param opening s and r, 32 bytes big-endian each
 */
export function proveLink(
  group: Group,
  context: Uint8Array,
  statement: LinkStatement,
  opening: { readonly value: Uint8Array; readonly blinding: Uint8Array },
  random: RandomSource,
): Buffer {
  const nonces = [group.randomScalar(random), group.randomScalar(random)] as const;
  const t1 = group.multiplyBase(nonces[0]);
  const t2 = group.multiplySecret(pedersenBase(group), nonces[1]);
  const c = scalarToBytes(linkChallenge(group, context, statement, t1, t2));
  const products = [
    group.multiplyScalars(opening.value, c),
    group.multiplyScalars(opening.blinding, c),
  ] as const;
  const responses = [group.addScalars(products[0], nonces[0]), group.addScalars(products[1], nonces[1])];
  for (const secret of [...nonces, ...products]) secret.fill(0);
  return Buffer.concat([t1, t2, ...responses]);
}

/** z1*G = T1 + c*P and z2*H = T2 + c*(C - P). False for anything malformed, and for C = P. */
export function verifyLink(
  group: Group,
  context: Uint8Array,
  statement: LinkStatement,
  proof: Uint8Array,
): boolean {
  if (proof.length !== linkProofBytes(group)) return false;
  const reader = new ByteReader(proof);
  const t1 = group.parsePoint(reader.take(group.pointBytes));
  const t2 = group.parsePoint(reader.take(group.pointBytes));
  const z1 = reader.take(SCALAR_BYTES);
  const z2 = reader.take(SCALAR_BYTES);
  const { publicShare, commitment } = statement;
  const blinded = group.addPoints(commitment, group.negatePoint(publicShare));
  if (!t1 || !t2 || !blinded || !group.isNonZeroScalar(z1) || !group.isNonZeroScalar(z2)) return false;
  const c = linkChallenge(group, context, statement, t1, t2);
  if (c === 0n) return false;
  const left = group.addPoints(t1, group.multiplyPublic(publicShare, c));
  const right = group.addPoints(t2, group.multiplyPublic(blinded, c));
  return (
    left?.equals(group.multiplyBase(z1)) === true &&
    right?.equals(group.multiplySecret(pedersenBase(group), z2)) === true
  );
}

function shareSession(group: Group, context: Uint8Array, { commitments }: ShareStatement): Buffer {
  return H('share/pok', group.name, context, commitments.length, ...commitments);
}

function linkChallenge(
  group: Group,
  context: Uint8Array,
  { publicShare, commitment }: LinkStatement,
  t1: Point,
  t2: Point,
): bigint {
  const base = pedersenBase(group);
  return hashToScalar(group, 'share/link', group.name, context, base, publicShare, commitment, t1, t2);
}

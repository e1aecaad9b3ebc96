/**
 * Proof that two points have the same discrete logarithm: A = x*G and B = x*H (Chaum and Pedersen, "Wallet Databases
 * with Observers", CRYPTO '92), made non-interactive with the Fiat-Shamir transform over the whole statement
 * (Bernhard, Pereira and Warinschi, "How Not to Prove Yourself", ASIACRYPT 2012: a challenge that leaves out A, H or B
 * lets a prover choose them afterwards).
 *
 * T1 = w*G, T2 = w*H, c = hashToScalar(label, context.., A, H, B, T1, T2), z = w + c*x. With the label "dkg/cp" and the
 * context (ssid, i, j) this is the proof of a complaint (specification section 3).
 */
import { ByteReader } from '../byte-reader';
import { type Group, hashToScalar } from '../group/group';
import { type Point } from '../group/point';
import { SCALAR_BYTES, scalarToBytes } from '../group/scalar';
import { type HashInput, type Label } from '../hash';
import { type RandomSource } from '../random';

/** What a challenge is bound to besides its statement: no proof of one domain is valid in another. */
export interface ProofDomain {
  /** "dkg/cp" for complaints, "dleq" for everything outside this library. */
  readonly label: Label;
  /** Session, prover and whatever else the proof must not be moved between. */
  readonly context: readonly HashInput[];
}

/** "The discrete logarithm of `publicPoint` to the generator is that of `product` to `base`." */
export interface EqualityStatement {
  /** A = x*G */
  readonly publicPoint: Point;
  /** H */
  readonly base: Point;
  /** B = x*H */
  readonly product: Point;
}

export interface EqualityProof {
  readonly t1: Point;
  readonly t2: Point;
  /** z, 32 B big-endian. */
  readonly response: Buffer;
}

/** Length of an encoded proof: T1 || T2 || z. */
export function equalityProofBytes(group: Group): number {
  return 2 * group.pointBytes + SCALAR_BYTES;
}

/**
 * A proof of the statement, zero-knowledge in the random oracle model. Constant time in x. With an x of another statement
 * it is a proof that verifies for none.
 *
 * @param secret x, 32 bytes big-endian in [1, order)
 */
export function proveEquality(
  group: Group,
  domain: ProofDomain,
  statement: EqualityStatement,
  secret: Uint8Array,
  random: RandomSource,
): EqualityProof {
  const nonce = group.randomScalar(random);
  const t1 = group.multiplyBase(nonce);
  const t2 = group.multiplySecret(statement.base, nonce);
  const c = challenge(group, domain, statement, t1, t2);
  const product = group.multiplyScalars(secret, scalarToBytes(c));
  const response = group.addScalars(product, nonce);
  nonce.fill(0);
  product.fill(0);
  return { t1, t2, response };
}

/** z*G = T1 + c*A and z*H = T2 + c*B; a z or a challenge of zero proves nothing. */
export function verifyEquality(
  group: Group,
  domain: ProofDomain,
  statement: EqualityStatement,
  proof: EqualityProof,
): boolean {
  const { publicPoint, base, product } = statement;
  const { t1, t2, response } = proof;
  const c = challenge(group, domain, statement, t1, t2);
  if (c === 0n || !group.isNonZeroScalar(response)) return false;
  const left = group.addPoints(t1, group.multiplyPublic(publicPoint, c));
  const right = group.addPoints(t2, group.multiplyPublic(product, c));
  return (
    left?.equals(group.multiplyBase(response)) === true &&
    right?.equals(group.multiplySecret(base, response)) === true
  );
}

/** T1 || T2 || z, {@link equalityProofBytes} bytes. */
export function encodeEqualityProof({ t1, t2, response }: EqualityProof): Buffer {
  return Buffer.concat([t1, t2, response]);
}

/** `undefined` unless the bytes are two points of the group and a scalar in [1, order). */
export function parseEqualityProof(group: Group, bytes: Uint8Array): EqualityProof | undefined {
  if (bytes.length !== equalityProofBytes(group)) return undefined;
  const reader = new ByteReader(bytes);
  const t1 = group.parsePoint(reader.take(group.pointBytes));
  const t2 = group.parsePoint(reader.take(group.pointBytes));
  const response = Buffer.from(reader.take(SCALAR_BYTES));
  return t1 && t2 && group.isNonZeroScalar(response) ? { t1, t2, response } : undefined;
}

function challenge(
  group: Group,
  { label, context }: ProofDomain,
  { publicPoint, base, product }: EqualityStatement,
  t1: Point,
  t2: Point,
): bigint {
  return hashToScalar(group, label, ...context, publicPoint, base, product, t1, t2);
}

/** Encrypted shares and verifiable complaints about them (specification section 3, rounds 3 and 4). */
import { ByteReader } from '../byte-reader';
import {
  encodeEqualityProof,
  type EqualityProof,
  equalityProofBytes,
  type EqualityStatement,
  parseEqualityProof,
  type ProofDomain,
  proveEquality,
  verifyEquality,
} from './discrete-log-equality';
import { type Group } from '../group/group';
import { H } from '../hash';
import { type Point } from '../group/point';
import { type Commitments, shareMatches } from './polynomial';
import { type RandomSource } from '../random';
import { SCALAR_BYTES } from '../group/scalar';

/** E_ij = e_ij*G and ct_ij = f_i(j) xor H("dkg/enc", ssid, i, j, E_ij, e_ij*EK_ji). */
export interface EncryptedShare {
  readonly ephemeralKey: Point;
  /** 32 B. */
  readonly ciphertext: Buffer;
}

/** Length of an encrypted share. */
export function encryptedShareBytes(group: Group): number {
  return group.pointBytes + SCALAR_BYTES;
}

/** From whom to whom a share goes. */
export interface ShareContext {
  readonly group: Group;
  readonly ssid: Uint8Array;
  /** i */
  readonly dealer: number;
  /** j */
  readonly receiver: number;
  /** EK_ji, which the receiver broadcast in round 1 for this dealer alone. */
  readonly receiverKey: Point;
}

/** D = ek_ji*E_ij with the proof (T1, T2, z) that it has the exponent of EK_ji. */
export interface Complaint {
  readonly accused: number;
  /** Digest of the message of round 3 that the share came in: the accused may have signed another one for others. */
  readonly dealing: Buffer;
  readonly sharedPoint: Point;
  readonly proof: EqualityProof;
}

const COMPLAINT = 1;
const DIGEST_BYTES = 32;

/** Length of u8 1 || u16 accused || digest of the dealing || D || T1 || T2 || z. */
export function complaintBytes(group: Group): number {
  return 3 + DIGEST_BYTES + group.pointBytes + equalityProofBytes(group);
}

/** Encrypts the share to the receiver's ephemeral key with a fresh e_ij. */
export function encryptShare(context: ShareContext, share: Uint8Array, random: RandomSource): EncryptedShare {
  const { group, receiverKey } = context;
  const secret = group.randomScalar(random);
  const ephemeralKey = group.multiplyBase(secret);
  const sharedPoint = group.multiplySecret(receiverKey, secret);
  const ciphertext = mask(context, ephemeralKey, sharedPoint, share);
  secret.fill(0);
  sharedPoint.fill(0);
  return { ephemeralKey, ciphertext };
}

/** The share as its dealer encrypted it, 32 bytes that need not be a scalar. `receiverSecret` is ek_ji. */
export function decryptShare(
  context: ShareContext,
  encrypted: EncryptedShare,
  receiverSecret: Uint8Array,
): Buffer {
  const sharedPoint = context.group.multiplySecret(encrypted.ephemeralKey, receiverSecret);
  const share = mask(context, encrypted.ephemeralKey, sharedPoint, encrypted.ciphertext);
  sharedPoint.fill(0);
  return share;
}

/** The complaint of the receiver about the dealer's share. It opens this one share, and nothing else of the receiver. */
export function complain(
  context: ShareContext,
  encrypted: EncryptedShare,
  dealing: Buffer,
  receiverSecret: Uint8Array,
  random: RandomSource,
): Complaint {
  const { group, dealer } = context;
  const sharedPoint = group.multiplySecret(encrypted.ephemeralKey, receiverSecret);
  const statement = sharedKeyStatement(context, encrypted, sharedPoint);
  const proof = proveEquality(group, proofDomain(context), statement, receiverSecret, random);
  return { accused: dealer, dealing, sharedPoint, proof };
}

/**
 * Whom a complaint convicts. Public: every party comes to the same verdict from signed broadcasts.
 *
 * @param commitments the dealer's
 * @returns the complainer when the proof is wrong or the share good, else the dealer
 */
export function judgeComplaint(
  { sharedPoint, proof }: Complaint,
  context: ShareContext,
  encrypted: EncryptedShare,
  commitments: Commitments,
): 'dealer' | 'complainer' {
  const { group, receiver } = context;
  const statement = sharedKeyStatement(context, encrypted, sharedPoint);
  if (!verifyEquality(group, proofDomain(context), statement, proof)) return 'complainer';
  const share = mask(context, encrypted.ephemeralKey, sharedPoint, encrypted.ciphertext);
  return shareMatches(group, share, commitments, receiver) ? 'complainer' : 'dealer';
}

/** {@link complaintBytes} bytes. */
export function encodeComplaint({ accused, dealing, sharedPoint, proof }: Complaint): Buffer {
  const prefix = Buffer.from([COMPLAINT, accused >> 8, accused & 0xff]);
  return Buffer.concat([prefix, dealing, sharedPoint, encodeEqualityProof(proof)]);
}

/** `undefined` unless all points are valid, z is a scalar other than zero and the length is {@link complaintBytes}. */
export function parseComplaint(group: Group, payload: Uint8Array): Complaint | undefined {
  if (payload.length !== complaintBytes(group)) return undefined;
  const reader = new ByteReader(payload);
  const kind = reader.u8();
  const accused = reader.u16();
  const dealing = reader.take(DIGEST_BYTES);
  const sharedPoint = group.parsePoint(reader.take(group.pointBytes));
  const proof = parseEqualityProof(group, reader.take(equalityProofBytes(group)));
  return kind === COMPLAINT && sharedPoint && proof ? { accused, dealing, sharedPoint, proof } : undefined;
}

function mask(context: ShareContext, ephemeralKey: Point, sharedPoint: Point, share: Uint8Array): Buffer {
  const { ssid, dealer, receiver } = context;
  const keystream = H('dkg/enc', ssid, dealer, receiver, ephemeralKey, sharedPoint);
  for (const [k, byte] of share.entries()) keystream[k] = keystream.readUInt8(k) ^ byte;
  return keystream;
}

/** HS("dkg/cp", ssid, i, j, EK_ji, E_ij, D, T1, T2) is the challenge. */
function proofDomain({ ssid, dealer, receiver }: ShareContext): ProofDomain {
  return { label: 'dkg/cp', context: [ssid, dealer, receiver] };
}

function sharedKeyStatement(
  { receiverKey }: ShareContext,
  { ephemeralKey }: EncryptedShare,
  sharedPoint: Point,
): EqualityStatement {
  return { publicPoint: receiverKey, base: ephemeralKey, product: sharedPoint };
}

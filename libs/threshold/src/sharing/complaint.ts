/** Encrypted shares and verifiable complaints about them (specification section 3, rounds 3 and 4). */
import { ByteReader } from '../byte-reader';
import { H, HS } from '../hash';
import {
  addPoints,
  multiplyBase,
  multiplyPublic,
  multiplySecret,
  parsePoint,
  POINT_BYTES,
  type Point,
} from '../group/point';
import { type Commitments, shareMatches } from './polynomial';
import { type RandomSource } from '../random';
import {
  addScalarBytes,
  isNonZeroScalar,
  multiplyScalarBytes,
  randomScalarBytes,
  SCALAR_BYTES,
  scalarToBytes,
} from '../group/scalar';

/** E_ij = e_ij*G and ct_ij = f_i(j) xor H("dkg/enc", ssid, i, j, E_ij, e_ij*EK_j). */
export interface EncryptedShare {
  readonly ephemeralKey: Point;
  /** 32 B. */
  readonly ciphertext: Buffer;
}

/** Length of an encrypted share. */
export const ENCRYPTED_SHARE_BYTES = POINT_BYTES + SCALAR_BYTES;

/** From whom to whom a share goes. */
export interface ShareContext {
  readonly ssid: Uint8Array;
  /** i */
  readonly dealer: number;
  /** j */
  readonly receiver: number;
  /** EK_j, which the receiver broadcast in round 1. */
  readonly receiverKey: Point;
}

/** D = ek_j*E_ij with the proof (T1, T2, z) that it has the exponent of EK_j. */
export interface Complaint {
  readonly accused: number;
  readonly sharedPoint: Point;
  readonly t1: Point;
  readonly t2: Point;
  /** z, 32 B. */
  readonly response: Buffer;
}

/** u8 1 || u16 accused || D || T1 || T2 || z. */
export const COMPLAINT_BYTES = 3 + 3 * POINT_BYTES + SCALAR_BYTES;

/** Encrypts the share to the receiver's ephemeral key with a fresh e_ij. */
export function encryptShare(context: ShareContext, share: Uint8Array, random: RandomSource): EncryptedShare {
  const secret = randomScalarBytes(random);
  const ephemeralKey = multiplyBase(secret);
  const sharedPoint = multiplySecret(context.receiverKey, secret);
  const ciphertext = mask(context, ephemeralKey, sharedPoint, share);
  secret.fill(0);
  sharedPoint.fill(0);
  return { ephemeralKey, ciphertext };
}

/** The share as its dealer encrypted it, 32 bytes that need not be a scalar. `receiverSecret` is ek_j. */
export function decryptShare(
  context: ShareContext,
  encrypted: EncryptedShare,
  receiverSecret: Uint8Array,
): Buffer {
  const sharedPoint = multiplySecret(encrypted.ephemeralKey, receiverSecret);
  const share = mask(context, encrypted.ephemeralKey, sharedPoint, encrypted.ciphertext);
  sharedPoint.fill(0);
  return share;
}

/** The complaint of the receiver about the dealer's share. It opens this one share, and nothing else of the receiver. */
export function complain(
  context: ShareContext,
  encrypted: EncryptedShare,
  receiverSecret: Uint8Array,
  random: RandomSource,
): Complaint {
  const sharedPoint = multiplySecret(encrypted.ephemeralKey, receiverSecret);
  const nonce = randomScalarBytes(random);
  const t1 = multiplyBase(nonce);
  const t2 = multiplySecret(encrypted.ephemeralKey, nonce);
  const c = challenge(context, encrypted.ephemeralKey, sharedPoint, t1, t2);
  const product = multiplyScalarBytes(receiverSecret, scalarToBytes(c));
  const response = addScalarBytes(product, nonce);
  nonce.fill(0);
  product.fill(0);
  return { accused: context.dealer, sharedPoint, t1, t2, response };
}

/**
 * Whom a complaint convicts. Public: every party comes to the same verdict from signed broadcasts.
 *
 * @param commitments the dealer's
 * @returns the complainer when the proof is wrong or the share good, else the dealer
 */
export function judgeComplaint(
  complaint: Complaint,
  context: ShareContext,
  encrypted: EncryptedShare,
  commitments: Commitments,
): 'dealer' | 'complainer' {
  const { sharedPoint, t1, t2, response } = complaint;
  const c = challenge(context, encrypted.ephemeralKey, sharedPoint, t1, t2);
  if (c === 0n || !isNonZeroScalar(response)) return 'complainer';
  const sameExponent =
    addPoints(t1, multiplyPublic(context.receiverKey, c))?.equals(multiplyBase(response)) === true &&
    addPoints(t2, multiplyPublic(sharedPoint, c))?.equals(
      multiplySecret(encrypted.ephemeralKey, response),
    ) === true;
  if (!sameExponent) return 'complainer';
  const share = mask(context, encrypted.ephemeralKey, sharedPoint, encrypted.ciphertext);
  return shareMatches(share, commitments, context.receiver) ? 'complainer' : 'dealer';
}

/** {@link COMPLAINT_BYTES} bytes. */
export function encodeComplaint(complaint: Complaint): Buffer {
  const prefix = Buffer.from([1, complaint.accused >> 8, complaint.accused & 0xff]);
  return Buffer.concat([prefix, complaint.sharedPoint, complaint.t1, complaint.t2, complaint.response]);
}

/** Parses {@link COMPLAINT_BYTES} bytes; `undefined` unless all points are valid and z is a scalar other than zero. */
export function parseComplaint(payload: Uint8Array): Complaint | undefined {
  if (payload.length !== COMPLAINT_BYTES) return undefined;
  const reader = new ByteReader(payload);
  const kind = reader.u8();
  const accused = reader.u16();
  const sharedPoint = parsePoint(reader.take(POINT_BYTES));
  const t1 = parsePoint(reader.take(POINT_BYTES));
  const t2 = parsePoint(reader.take(POINT_BYTES));
  const response = reader.take(SCALAR_BYTES);
  if (kind !== 1 || !sharedPoint || !t1 || !t2 || !isNonZeroScalar(response)) return undefined;
  return { accused, sharedPoint, t1, t2, response };
}

function mask(context: ShareContext, ephemeralKey: Point, sharedPoint: Point, share: Uint8Array): Buffer {
  const { ssid, dealer, receiver } = context;
  const keystream = H('dkg/enc', ssid, dealer, receiver, ephemeralKey, sharedPoint);
  for (const [k, byte] of share.entries()) keystream[k] = keystream.readUInt8(k) ^ byte;
  return keystream;
}

function challenge(context: ShareContext, ephemeralKey: Point, d: Point, t1: Point, t2: Point): bigint {
  const { ssid, dealer, receiver, receiverKey } = context;
  return HS('dkg/cp', ssid, dealer, receiver, receiverKey, ephemeralKey, d, t1, t2);
}

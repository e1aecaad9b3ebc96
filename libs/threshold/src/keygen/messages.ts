/** Payloads of the four rounds (specification sections 3 and 14). All lengths are fixed by n and t. */
import { BASE_OT_MESSAGE_BYTES } from '../multiplication/base-ot';
import { ByteReader } from '../byte-reader';
import { COMPLAINT_BYTES, ENCRYPTED_SHARE_BYTES, type EncryptedShare } from '../sharing/complaint';
import { type FailureClass } from '../errors';
import { type RoundExpectation } from '../session/mailbox';
import { parsePoint, POINT_BYTES, type Point } from '../group/point';
import { type Commitments } from '../sharing/polynomial';
import { PROOF_BYTES } from '../sharing/proof-of-knowledge';

const DIGEST_BYTES = 32;
const CONFIRMATION_BYTES = 1 + DIGEST_BYTES;
const ABORT_BYTES = 4;
const ABORT = 2;

/** Round 1: nu || xk || com || EK. */
export interface Commitment {
  readonly nonce: Buffer;
  readonly exchangeKey: Buffer;
  readonly commitment: Buffer;
  readonly complaintKey: Point;
}

/** Round 2: ssid || Phi || ccom || salt || PoK. */
export interface Opening {
  readonly ssid: Buffer;
  readonly commitments: Commitments;
  readonly chainCommitment: Buffer;
  readonly salt: Buffer;
  readonly proof: Buffer;
}

/** Round 3: D2 || cc || salt' || (E_ij || ct_ij) for every j but i, ascending. */
export interface Dealing {
  readonly transcript: Buffer;
  readonly chainContribution: Buffer;
  readonly chainSalt: Buffer;
  readonly shares: ReadonlyMap<number, EncryptedShare>;
}

/** What each party receives from each other, for n parties and threshold t. */
export function keygenRounds(parties: number, threshold: number): RoundExpectation[] {
  return [
    { broadcast: 3 * DIGEST_BYTES + POINT_BYTES, encrypted: false },
    {
      broadcast: 3 * DIGEST_BYTES + threshold * POINT_BYTES + PROOF_BYTES,
      p2p: BASE_OT_MESSAGE_BYTES,
      encrypted: true,
    },
    {
      broadcast: 3 * DIGEST_BYTES + (parties - 1) * ENCRYPTED_SHARE_BYTES,
      p2p: BASE_OT_MESSAGE_BYTES + DIGEST_BYTES,
      encrypted: true,
    },
    { broadcast: [CONFIRMATION_BYTES, COMPLAINT_BYTES, ABORT_BYTES], encrypted: false },
  ];
}

export function encodeCommitment(message: Commitment): Buffer {
  const { nonce, exchangeKey, commitment, complaintKey } = message;
  return Buffer.concat([nonce, exchangeKey, commitment, complaintKey]);
}

/** `undefined` for an invalid point. */
export function parseCommitment(payload: Uint8Array): Commitment | undefined {
  const reader = new ByteReader(payload);
  const nonce = reader.take(DIGEST_BYTES);
  const exchangeKey = reader.take(DIGEST_BYTES);
  const commitment = reader.take(DIGEST_BYTES);
  const complaintKey = parsePoint(reader.take(POINT_BYTES));
  return complaintKey && { nonce, exchangeKey, commitment, complaintKey };
}

export function encodeOpening(message: Opening): Buffer {
  const { ssid, commitments, chainCommitment, salt, proof } = message;
  return Buffer.concat([ssid, ...commitments, chainCommitment, salt, proof]);
}

/** `undefined` for an invalid point. */
export function parseOpening(payload: Uint8Array, threshold: number): Opening | undefined {
  const reader = new ByteReader(payload);
  const ssid = reader.take(DIGEST_BYTES);
  const commitments = takePoints(reader, threshold);
  const chainCommitment = reader.take(DIGEST_BYTES);
  const salt = reader.take(DIGEST_BYTES);
  const proof = reader.take(PROOF_BYTES);
  return commitments && { ssid, commitments, chainCommitment, salt, proof };
}

export function encodeDealing(message: Dealing): Buffer {
  const shares = [...message.shares].sort(([a], [b]) => a - b);
  return Buffer.concat([
    message.transcript,
    message.chainContribution,
    message.chainSalt,
    ...shares.flatMap(([, { ephemeralKey, ciphertext }]) => [ephemeralKey, ciphertext]),
  ]);
}

/**
 * `undefined` for an invalid point.
 *
 * @param receivers all parties but the sender, ascending
 */
export function parseDealing(payload: Uint8Array, receivers: readonly number[]): Dealing | undefined {
  const reader = new ByteReader(payload);
  const transcript = reader.take(DIGEST_BYTES);
  const chainContribution = reader.take(DIGEST_BYTES);
  const chainSalt = reader.take(DIGEST_BYTES);
  const shares = new Map<number, EncryptedShare>();
  for (const receiver of receivers) {
    const ephemeralKey = parsePoint(reader.take(POINT_BYTES));
    const ciphertext = reader.take(DIGEST_BYTES);
    if (!ephemeralKey) return undefined;
    shares.set(receiver, { ephemeralKey, ciphertext });
  }
  return { transcript, chainContribution, chainSalt, shares };
}

const CLASS_CODES: Readonly<Record<FailureClass, number>> = {
  CONFIG: 1,
  TIMEOUT: 2,
  AGREE: 3,
  'IDENT-P': 4,
  IDENT: 5,
  BAN: 6,
  UNATTRIBUTED: 7,
};

/** u8 2 || u16 accused (0 for nobody) || u8 class. */
export function encodeAbort(failureClass: FailureClass, accused: number | undefined): Buffer {
  const payload = Buffer.alloc(ABORT_BYTES);
  payload.writeUInt8(ABORT, 0);
  payload.writeUInt16BE(accused ?? 0, 1);
  payload.writeUInt8(CLASS_CODES[failureClass], 3);
  return payload;
}

/** What a round 4 broadcast says, by its first byte, which fixes its length. */
export function kindOfResult(payload: Buffer): 'confirmation' | 'complaint' | 'abort' | undefined {
  const kind = payload.readUInt8(0);
  if (kind === 0 && payload.length === CONFIRMATION_BYTES) return 'confirmation';
  if (kind === 1 && payload.length === COMPLAINT_BYTES) return 'complaint';
  if (kind === ABORT && payload.length === ABORT_BYTES) return 'abort';
  return undefined;
}

function takePoints(reader: ByteReader, count: number): Point[] | undefined {
  const encodings = Array.from({ length: count }, () => parsePoint(reader.take(POINT_BYTES)));
  const points = encodings.filter((point) => point !== undefined);
  return points.length === count ? points : undefined;
}

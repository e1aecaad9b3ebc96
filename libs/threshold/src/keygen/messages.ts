/** Payloads of rounds 1 to 3 (specification sections 3 and 14). All lengths are fixed by the suite, n and t. */
import { ByteReader } from '../byte-reader';
import { complaintKeysBytes, takeComplaintKeys } from '../dealing/complaint-keys';
import { encodeShares, takeCommitments, takeShares } from '../dealing/encoding';
import { PAIR_MESSAGE_BYTES } from '../dealing/pair-setup';
import { resultBytes } from '../dealing/result';
import { type Group } from '../group/group';
import { type Point } from '../group/point';
import { type RoundExpectation } from '../session/mailbox';
import { encryptedShareBytes, type EncryptedShare } from '../sharing/complaint';
import { type Commitments } from '../sharing/polynomial';
import { knowledgeProofBytes } from '../sharing/proof-of-knowledge';
import { isEcdsaSuite } from '../suite';
import { type DealingRoles } from '../dealing/context';

/** Length of nu, with which round 1 begins. */
export const NONCE_BYTES = 32;
const DIGEST_BYTES = 32;

/** Round 1: nu || xk || com || EK_ij for every dealer j but i, ascending. */
export interface Commitment {
  readonly nonce: Buffer;
  readonly exchangeKey: Buffer;
  readonly commitment: Buffer;
  readonly complaintKeys: ReadonlyMap<number, Point>;
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

/** What each party receives from each other. Only keys for ECDSA need the direct messages. */
export function keygenRounds(roles: DealingRoles, sender: number): RoundExpectation[] {
  const { group, suite, participants, threshold } = roles;
  const hasPairs = isEcdsaSuite(suite);
  return [
    { broadcast: NONCE_BYTES + 2 * DIGEST_BYTES + complaintKeysBytes(roles, sender), encrypted: false },
    {
      broadcast: 3 * DIGEST_BYTES + threshold * group.pointBytes + knowledgeProofBytes(group),
      p2p: hasPairs ? PAIR_MESSAGE_BYTES.choice : undefined,
      encrypted: true,
    },
    {
      broadcast: 3 * DIGEST_BYTES + (participants.length - 1) * encryptedShareBytes(group),
      p2p: hasPairs ? PAIR_MESSAGE_BYTES.answer : undefined,
      encrypted: true,
    },
    { broadcast: resultBytes(group), encrypted: false },
  ];
}

export function encodeCommitment(message: Commitment): Buffer {
  const { nonce, exchangeKey, commitment, complaintKeys } = message;
  return Buffer.concat([nonce, exchangeKey, commitment, ...complaintKeys.values()]);
}

/** `undefined` for an invalid point. */
export function parseCommitment(
  roles: DealingRoles,
  payload: Uint8Array,
  sender: number,
): Commitment | undefined {
  const reader = new ByteReader(payload);
  const nonce = reader.take(NONCE_BYTES);
  const exchangeKey = reader.take(DIGEST_BYTES);
  const commitment = reader.take(DIGEST_BYTES);
  const complaintKeys = takeComplaintKeys(roles, reader, sender);
  return complaintKeys && { nonce, exchangeKey, commitment, complaintKeys };
}

export function encodeOpening(message: Opening): Buffer {
  const { ssid, commitments, chainCommitment, salt, proof } = message;
  return Buffer.concat([ssid, ...commitments, chainCommitment, salt, proof]);
}

/** `undefined` for an invalid point. */
export function parseOpening(group: Group, payload: Uint8Array, threshold: number): Opening | undefined {
  const reader = new ByteReader(payload);
  const ssid = reader.take(DIGEST_BYTES);
  const commitments = takeCommitments(group, reader, threshold);
  const chainCommitment = reader.take(DIGEST_BYTES);
  const salt = reader.take(DIGEST_BYTES);
  const proof = reader.take(knowledgeProofBytes(group));
  return commitments && { ssid, commitments, chainCommitment, salt, proof };
}

export function encodeDealing(message: Dealing): Buffer {
  const { transcript, chainContribution, chainSalt, shares } = message;
  return Buffer.concat([transcript, chainContribution, chainSalt, ...encodeShares(shares)]);
}

/**
 * `undefined` for an invalid point.
 *
 * @param receivers all parties but the sender, ascending
 */
export function parseDealing(
  group: Group,
  payload: Uint8Array,
  receivers: readonly number[],
): Dealing | undefined {
  const reader = new ByteReader(payload);
  const transcript = reader.take(DIGEST_BYTES);
  const chainContribution = reader.take(DIGEST_BYTES);
  const chainSalt = reader.take(DIGEST_BYTES);
  const shares = takeShares(group, reader, receivers);
  return shares && { transcript, chainContribution, chainSalt, shares };
}

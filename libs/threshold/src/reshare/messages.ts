/** Payloads of rounds 1 to 3 of a reshare (specification section 13): the fields of O first, then those of N. */
import { ByteReader } from '../byte-reader';
import { complaintKeysBytes, takeComplaintKeys } from '../dealing/complaint-keys';
import { takeCommitments, takeShares } from '../dealing/encoding';
import { PAIR_MESSAGE_BYTES } from '../dealing/pair-setup';
import { resultBytes } from '../dealing/result';
import { type DealingRoles } from '../dealing/context';
import { type Point } from '../group/point';
import { type RoundExpectation } from '../session/mailbox';
import { encryptedShareBytes, type EncryptedShare } from '../sharing/complaint';
import { type Commitments } from '../sharing/polynomial';
import { isEcdsaSuite } from '../suite';

const DIGEST_BYTES = 32;
const NONCE_BYTES = 32;

/** Round 1 of a member of N: nu || xk || EK_mi for every dealer i but m, ascending. */
export interface Greeting {
  readonly nonce: Buffer;
  readonly exchangeKey: Buffer;
  readonly complaintKeys: ReadonlyMap<number, Point>;
}

/** Round 2 of a member of O, after ssid: Phi || salt. */
export interface Opening {
  readonly commitments: Commitments;
  readonly salt: Buffer;
}

/** What the sender sends to a receiver in rounds 1 to 4. Direct messages go among N, for ECDSA. */
export function reshareRounds(roles: DealingRoles, sender: number, receiver: number): RoundExpectation[] {
  const { group, suite, dealers, receivers, threshold } = roles;
  const deals = dealers.includes(sender) ? 1 : 0;
  const receives = receivers.includes(sender) ? 1 : 0;
  const hasPair = isEcdsaSuite(suite) && receives === 1 && receivers.includes(receiver);
  const greeting = NONCE_BYTES + DIGEST_BYTES + complaintKeysBytes(roles, sender);
  const shares = receivers.length - receives;
  return [
    {
      broadcast: deals * DIGEST_BYTES + receives * greeting,
      encrypted: false,
    },
    {
      broadcast: DIGEST_BYTES + deals * (threshold * group.pointBytes + DIGEST_BYTES),
      p2p: hasPair ? PAIR_MESSAGE_BYTES.choice : undefined,
      encrypted: true,
    },
    {
      broadcast: DIGEST_BYTES + deals * shares * encryptedShareBytes(group),
      p2p: hasPair ? PAIR_MESSAGE_BYTES.answer : undefined,
      encrypted: true,
    },
    { broadcast: resultBytes(group), encrypted: false },
  ];
}

/** Where xk is in the sender's round 1: only members of N have one. */
export function exchangeKeyOffset({ dealers, receivers }: DealingRoles, sender: number): number | undefined {
  if (!receivers.includes(sender)) return undefined;
  return (dealers.includes(sender) ? DIGEST_BYTES : 0) + NONCE_BYTES;
}

/** com of a member of O, then the greeting of a member of N. */
export function encodeRound1(commitment: Buffer | undefined, greeting: Greeting | undefined): Buffer {
  const { nonce, exchangeKey, complaintKeys } = greeting ?? {};
  const fields = [commitment, nonce, exchangeKey, ...(complaintKeys?.values() ?? [])];
  return Buffer.concat(fields.filter((field) => field !== undefined));
}

/** com of a member of O. */
export function commitmentIn(payload: Buffer): Buffer {
  return payload.subarray(0, DIGEST_BYTES);
}

/** The greeting of a member of N; `undefined` for an invalid point. */
export function parseGreeting(roles: DealingRoles, payload: Buffer, sender: number): Greeting | undefined {
  const { dealers } = roles;
  const reader = new ByteReader(dealers.includes(sender) ? payload.subarray(DIGEST_BYTES) : payload);
  const nonce = reader.take(NONCE_BYTES);
  const exchangeKey = reader.take(DIGEST_BYTES);
  const complaintKeys = takeComplaintKeys(roles, reader, sender);
  return complaintKeys && { nonce, exchangeKey, complaintKeys };
}

/** ssid, and for a member of O Phi || salt. */
export function encodeRound2(ssid: Buffer, opening: Opening | undefined): Buffer {
  return Buffer.concat(opening ? [ssid, ...opening.commitments, opening.salt] : [ssid]);
}

/** What a member of O opened; `undefined` for an invalid point. */
export function parseOpening({ group, threshold }: DealingRoles, payload: Uint8Array): Opening | undefined {
  const reader = new ByteReader(payload.subarray(DIGEST_BYTES));
  const commitments = takeCommitments(group, reader, threshold);
  const salt = reader.take(DIGEST_BYTES);
  return commitments && { commitments, salt };
}

/** The shares of a member of O, which follow D2; `undefined` for an invalid point. */
export function parseShares(
  { group, receivers }: DealingRoles,
  payload: Uint8Array,
  dealer: number,
): ReadonlyMap<number, EncryptedShare> | undefined {
  const others = receivers.filter((receiver) => receiver !== dealer);
  return takeShares(group, new ByteReader(payload.subarray(DIGEST_BYTES)), others);
}

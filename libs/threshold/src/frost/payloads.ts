/** The payloads of a nonce session; lengths follow from suite and batch alone. */
import { type Group } from '../group/group';
import { type RoundExpectation } from '../session/mailbox';
import { type NonceBroadcast } from './context';
import { type Commitment } from './nonce';

const HASH_BYTES = 32;

/** What each member broadcasts, in bytes: its commitments, then the digest of everybody's. */
export function nonceRounds(group: Group, batch: number): RoundExpectation[] {
  return [
    { broadcast: 2 * HASH_BYTES + batch * 2 * group.pointBytes, encrypted: false },
    { broadcast: HASH_BYTES, encrypted: false },
  ];
}

/** nu 32 | xk 32 | per nonce D | E. */
export function encodeNonceBroadcast({ nonce, exchangeKey, commitments }: NonceBroadcast): Buffer {
  return Buffer.concat([nonce, exchangeKey, ...commitments.flatMap((c) => [c.hiding, c.binding])]);
}

/** @returns `undefined` when a point is not valid; the identity is not */
export function parseNonceBroadcast(group: Group, payload: Buffer): NonceBroadcast | undefined {
  const commitments = parseCommitments(group, payload.subarray(2 * HASH_BYTES));
  if (!commitments) return undefined;
  const nonce = payload.subarray(0, HASH_BYTES);
  return { nonce, exchangeKey: payload.subarray(HASH_BYTES, 2 * HASH_BYTES), commitments };
}

/** @returns `undefined` when a point is not valid */
export function parseCommitments(group: Group, bytes: Buffer): Commitment[] | undefined {
  const { pointBytes } = group;
  const commitments: Commitment[] = [];
  for (let at = 0; at < bytes.length; at += 2 * pointBytes) {
    const hiding = group.parsePoint(bytes.subarray(at, at + pointBytes));
    const binding = group.parsePoint(bytes.subarray(at + pointBytes, at + 2 * pointBytes));
    if (!hiding || !binding) return undefined;
    commitments.push({ hiding, binding });
  }
  return commitments;
}

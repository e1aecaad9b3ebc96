import { randomUUID } from 'node:crypto';
import { type OutgoingRecord } from '@quorate/messaging';
import { type CeremonyEndedInput, toHex } from '@quorate/protocol';
import { type FailureClass, type NonceBatch, type PresignatureBatch } from '@quorate/threshold';
import { type NodeIdentity } from '../identity/node-identity';
import { type KeyEpoch } from '../key-share/key-epoch';
import { factsOf } from '../key-share/key-record';
import { type CeremonyOrder } from './ceremony-order';
import { type ThreadFailure } from './thread-messages';

export interface FailedResult {
  readonly outcome: 'failed';
  readonly failure: ThreadFailure;
}

/** What came out: a key's new epoch, a batch of presignatures or of nonces, or nothing that is to be told. */
export type CeremonyResult =
  | {
      readonly outcome: 'ok';
      readonly key?: KeyEpoch;
      readonly batch?: PresignatureBatch;
      readonly nonces?: NonceBatch;
    }
  | FailedResult;

/** `quorate.ceremony.ended.v1`: this node's signed result of a ceremony, for mpc.partials. */
export function ceremonyEnded(
  identity: NodeIdentity,
  order: CeremonyOrder,
  result: CeremonyResult,
): OutgoingRecord {
  const sessionId = toHex(order.sessionId);
  const data: CeremonyEndedInput = {
    type: 'quorate.ceremony.ended.v1',
    id: randomUUID(),
    node: identity.nodeId,
    bootId: identity.bootIdHex,
    sessionId,
    purpose: order.purpose,
    outcome: result.outcome,
    ...(order.purpose !== 'dkg' && { keyId: order.keyId, epoch: order.epoch }),
    ...(result.outcome === 'failed' && { failure: failureOf(order, result.failure) }),
    ...(result.outcome === 'ok' && result.key && { ...keyIdentity(result.key), key: factsOf(result.key) }),
    ...(result.outcome === 'ok' &&
      result.batch && { h2: toHex(result.batch.h2), R: result.batch.presignatures.map(({ R }) => toHex(R)) }),
    ...(result.outcome === 'ok' && result.nonces && noncesOf(result.nonces)),
    at: new Date().toISOString(),
  };
  return identity.record(identity.topics.partials, 'partial', sessionId, data);
}

function noncesOf({ digest, nonces }: NonceBatch): Pick<CeremonyEndedInput, 'h2' | 'nonces'> {
  return {
    h2: toHex(digest),
    nonces: nonces.map(({ nonceId, commitments }) => ({
      nonceId: toHex(nonceId),
      commitments: Object.fromEntries(
        [...commitments].map(([member, { hiding, binding }]) => [
          member,
          { hiding: toHex(hiding), binding: toHex(binding) },
        ]),
      ),
    })),
  };
}

function keyIdentity(key: KeyEpoch): { keyId: string; epoch: number } {
  return { keyId: key.keyId, epoch: key.epoch };
}

function failureOf(order: CeremonyOrder, failure: ThreadFailure): CeremonyEndedInput['failure'] {
  const accused = order.members.find((member) => member.index === failure.accused)?.nodeId;
  return { class: failure.failureClass, check: failure.check, ...(accused !== undefined && { accused }) };
}

/** A failure that this node has to tell, without evidence. */
export function failed(failureClass: FailureClass, check: string, accused?: number): FailedResult {
  return {
    outcome: 'failed',
    failure: { failureClass, check, evidence: [], ...(accused !== undefined && { accused }) },
  };
}

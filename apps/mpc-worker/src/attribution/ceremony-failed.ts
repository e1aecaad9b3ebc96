import { createHash } from 'node:crypto';
import { type CeremonyFailedInput, type SessionFactsInput, toHex } from '@quorate/protocol';
import { type FailedCeremony } from '../ceremony/running-ceremonies';
import { type CeremonyOrder } from '../ceremony/ceremony-order';

/** Frames in one event: with base64 and the rest of the record they stay below the limit of 640 KiB. */
const MOST_FRAME_BYTES = 384 * 1024;

/**
 * The data of `quorate.ceremony.failed.v1`: class, check, accused, and the signed frames that this node received as
 * evidence. Frames that do not fit are named by their hash. Pure.
 *
 * @param parties n of the key; of a reshare that of the old epoch
 */
export function ceremonyFailed(
  node: string,
  { order, failure }: FailedCeremony,
  parties: number,
): CeremonyFailedInput {
  const accused = order.members.find((member) => member.index === failure.accused)?.nodeId;
  let room = MOST_FRAME_BYTES;
  const evidence = failure.evidence.map((frame) => {
    const hash = toHex(hashOf(frame));
    room -= frame.length;
    return room < 0 ? { hash } : { hash, frame: Buffer.from(frame).toString('base64') };
  });
  return {
    sessionId: toHex(order.sessionId),
    node,
    ...(order.keyId !== '' && { keyId: order.keyId, epoch: order.epoch }),
    class: failure.failureClass,
    check: failure.check,
    ...(accused !== undefined && { accused }),
    session: sessionFacts(order, parties),
    evidence,
  };
}

export function hashOf(frame: Uint8Array): Buffer {
  return createHash('sha256').update(frame).digest();
}

function sessionFacts(order: CeremonyOrder, parties: number): SessionFactsInput {
  const { suite, purpose, keyId, epoch, threshold, members, notAfter, rnd } = order;
  const { batch, oldEpoch, dealers, receivers, newThreshold, pairCounter } = order;
  return {
    suite,
    purpose,
    ...(keyId !== '' && { keyId }),
    epoch,
    threshold,
    parties,
    participants: members.map(({ nodeId, index, identityKey, bootId }) => ({
      node: nodeId,
      index,
      identityKey: toHex(identityKey),
      bootId: toHex(bootId),
    })),
    notAfter,
    rnd: toHex(rnd),
    batch,
    oldEpoch,
    dealers: [...dealers],
    receivers: [...receivers],
    newThreshold,
    pairCounter,
  };
}

import { randomUUID } from 'node:crypto';
import { keyFactsOf, type KeyFactsInput } from '@quorate/key-record';
import { type OutgoingRecord } from '@quorate/messaging';
import { type KeyStateInput } from '@quorate/protocol';
import { type NodeIdentity } from '../identity/node-identity';
import { type KeyEpoch } from './key-epoch';

/** The public facts of a key of this node, for records. */
export function factsOf({ certificate, members }: KeyEpoch): KeyFactsInput {
  const participants = [...members.entries()].sort(([a], [b]) => a - b).map(([, node]) => node);
  return keyFactsOf(certificate, participants);
}

/** `quorate.state.key.v1` of this node; with a status, it has no share of this epoch, or signs with the key no more. */
export function keyRecord(
  identity: NodeIdentity,
  key: KeyEpoch,
  status?: 'left' | 'retired',
): OutgoingRecord {
  const data: KeyStateInput = {
    type: 'quorate.state.key.v1',
    id: randomUUID(),
    ...factsOf(key),
    ...(status && { status }),
    at: new Date().toISOString(),
  };
  return identity.record(identity.topics.state(identity.nodeId), 'state', key.keyId, data);
}

import { randomUUID } from 'node:crypto';
import { addressOf } from '@quorate/evm';
import { type OutgoingRecord } from '@quorate/messaging';
import { fromHex, type KeyFacts, type KeyState, type KeyStateInput, toHex } from '@quorate/protocol';
import {
  type Certificate,
  decodeCertificate,
  encodeCertificate,
  groupOf,
  InvalidInput,
  isEcdsaSuite,
  parseSuiteId,
  type Point,
  schemeOf,
} from '@quorate/threshold';
import { type NodeIdentity } from '../identity/node-identity';
import { type KeyEpoch } from './key-epoch';

type KeyFactsInput = Omit<KeyStateInput, 'type' | 'id' | 'at' | 'status'>;

/** The public facts of a key as records carry them: bytes as lowercase 0x-hex. */
export function keyFactsOf(key: KeyEpoch): KeyFactsInput {
  const { certificate } = key;
  return {
    keyId: key.keyId,
    scheme: schemeOf(key.suite),
    epoch: key.epoch,
    threshold: key.threshold,
    participants: [...key.members.entries()].sort(([a], [b]) => a - b).map(([, node]) => node),
    publicKey: toHex(key.publicKey),
    chainCode: toHex(key.chainCode),
    publicShares: hexByIndex(key.publicShares),
    certificate: {
      suite: certificate.suite,
      epoch: certificate.epoch,
      sid: toHex(certificate.sid),
      ssid: toHex(certificate.ssid),
      transcript: toHex(certificate.transcript),
      identities: hexByIndex(certificate.identities),
      signatures: hexByIndex(certificate.signatures),
      ...(certificate.previous && {
        dealers: [...certificate.dealers],
        previous: encodeCertificate(certificate.previous).toString('base64'),
      }),
    },
    ...(isEcdsaSuite(key.suite) && { address: addressOf(key.publicKey) }),
  };
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
    ...keyFactsOf(key),
    ...(status && { status }),
    at: new Date().toISOString(),
  };
  return identity.record(identity.topics.state(identity.nodeId), 'state', key.keyId, data);
}

/** The certificate inside a key record, not verified; undefined when its form is wrong or a point in it is none. */
export function certificateOf(facts: KeyFacts | KeyState): Certificate | undefined {
  const { certificate } = facts;
  const suite = parseSuiteId(certificate.suite);
  if (suite === undefined) return undefined;
  const { dealers, previous } = certificate;
  const group = groupOf(suite);
  const publicKey = group.parsePoint(fromHex(facts.publicKey));
  const publicShares = new Map<number, Point>();
  for (const [index, text] of Object.entries(facts.publicShares)) {
    const point = group.parsePoint(fromHex(text));
    if (point === undefined) return undefined;
    publicShares.set(Number(index), point);
  }
  if (publicKey === undefined || (previous === undefined) !== (dealers === undefined)) return undefined;
  const common = {
    suite,
    epoch: certificate.epoch,
    sid: fromHex(certificate.sid),
    ssid: fromHex(certificate.ssid),
    transcript: fromHex(certificate.transcript),
    threshold: facts.threshold,
    identities: bytesByIndex(certificate.identities),
    publicKey,
    publicShares,
    chainCode: fromHex(facts.chainCode),
    signatures: bytesByIndex(certificate.signatures),
  };
  if (previous === undefined || dealers === undefined) return common;
  const before = formerCertificate(previous);
  return before && { ...common, dealers, previous: before };
}

function formerCertificate(encoded: string): Certificate | undefined {
  try {
    return decodeCertificate(Buffer.from(encoded, 'base64'));
  } catch (error) {
    if (error instanceof InvalidInput) return undefined;
    throw error;
  }
}

function hexByIndex(values: ReadonlyMap<number, Uint8Array>): Record<string, string> {
  return Object.fromEntries(
    [...values].sort(([a], [b]) => a - b).map(([index, value]) => [index, toHex(value)]),
  );
}

function bytesByIndex(values: Readonly<Record<string, string>>): Map<number, Buffer> {
  return new Map(Object.entries(values).map(([index, text]) => [Number(index), fromHex(text)]));
}

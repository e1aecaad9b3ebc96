import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { addressOf, payloadDigest } from '@quorate/evm';
import { memoryMessageLog, type MessageLog, recordsOf } from '@quorate/messaging';
import { type Ed25519Jwk, identityJwk } from '@quorate/platform';
import {
  encodeRecord,
  type FinalInput,
  type RecordSigner,
  recordSigner,
  requestHash,
  type SignCompletedInput,
  signRequestSchema,
  type TopicNames,
  topicNames,
  type TxOutcomeInput,
} from '@quorate/protocol';

export interface TestService {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: Ed25519Jwk;
  readonly signer: RecordSigner;
}

export function testService(kid: string): TestService {
  const { privateKey } = generateKeyPairSync('ed25519');
  return { kid, privateKey, jwk: identityJwk(privateKey), signer: recordSigner(kid, privateKey) };
}

/** A whole key in one place, for tests of what clients check: the root of BIP-32 test vector 2. */
export const testKey = {
  privateKey: Buffer.from('4b03d6fc340455b363f51020ad3ecca4f0850280cf436c70c727923f6db46c3e', 'hex'),
  publicKey: '0x03cbcaa9c98c877a26977d00825c956a238e8dddfbd322cce4f74b0b5bd6ace4a7',
  chainCode: '0x60499f801b896d83179a4374aeb7822aaeaceaa0db1f85ee3e904c4defbd9689',
};

/** The final of a coordinator for a request of the root key. */
export function completedFinal(
  request: Uint8Array,
  changes: Partial<SignCompletedInput> = {},
): SignCompletedInput {
  const { requester, requestId, keyId, path, payload } = signRequestSchema.parse(
    JSON.parse(Buffer.from(request).toString()),
  );
  const digest = payloadDigest(payload);
  const options = { prehash: false, lowS: true, format: 'recovered' } as const;
  const signature = secp256k1.sign(Buffer.from(digest.slice(2), 'hex'), testKey.privateKey, options);
  const { r, s, recovery } = secp256k1.Signature.fromBytes(signature, 'recovered');
  return {
    type: 'quorate.sign.completed.v1',
    id: `f-${requestId}`,
    ...{ requester, requestId, requestHash: requestHash(request), keyId, path },
    scheme: 'ecdsa-secp256k1',
    digest,
    signature: { r: hex32(r), s: hex32(s), yParity: recovery === 1 ? 1 : 0 },
    publicKey: testKey.publicKey,
    address: addressOf(testKey.publicKey),
    committee: ['node-1', 'node-2'],
    presignatureId: hex32(7n),
    completedAt: '2026-12-01T12:00:00.000Z',
    ...changes,
  };
}

export function hex32(value: bigint): string {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

/** Services that say what a test wants them to say. */
export class FakeInstallation {
  readonly coordinator = testService('coordinator-1');
  readonly submitter = testService('submitter');
  readonly requests: Buffer[] = [];
  readonly topics: TopicNames;

  constructor(
    readonly log: MessageLog = memoryMessageLog(),
    topicPrefix = '',
  ) {
    this.topics = topicNames(topicPrefix);
  }

  /** @param onRequest called with the value of each sign request */
  async start(onRequest: (value: Buffer) => Promise<void>): Promise<void> {
    await this.log.subscribe({
      topic: this.topics.requests,
      group: `${this.topics.requests}-coordinators`,
      start: 'earliest',
      handle: async (batches) => {
        for (const { value } of recordsOf(batches)) {
          if (value === null) continue;
          this.requests.push(value);
          await onRequest(value);
        }
      },
    });
  }

  async publishFinal(data: FinalInput, by: TestService = this.coordinator): Promise<void> {
    const source = `/coordinator/${by.kid}`;
    const record = encodeRecord(
      { typ: 'final', source, data, key: data.requestId, time: new Date() },
      by.signer,
    );
    await (await this.log.producer()).send([{ topic: this.topics.finals, ...record }]);
  }

  async publishOutcome(data: TxOutcomeInput, by: TestService = this.submitter): Promise<void> {
    const source = `/submitter/${by.kid}`;
    const record = encodeRecord(
      { typ: 'tx-outcome', source, data, key: data.intentId, time: new Date() },
      by.signer,
    );
    await (await this.log.producer()).send([{ topic: this.topics.outcomes, ...record }]);
  }
}

import { randomBytes, randomUUID } from 'node:crypto';

import { addressOf, decodeUnsignedTransaction, type EcdsaSignature } from '@quorate/evm';
import {
  type LogProducer,
  type LogRecord,
  type MessageLog,
  recordsOf,
  type RunningSubscription,
} from '@quorate/messaging';
import {
  type EncodedRecord,
  encodeRecord,
  fromHex,
  type KeyStateInput,
  parseDerivationPath,
  type RecordSigner,
  requestHash,
  type SignRequest,
  signRequestSchema,
  toHex,
  type TopicNames,
} from '@quorate/protocol';
import { deriveChild, parsePoint } from '@quorate/threshold';
import { SigningKey } from 'ethers';

const groupOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const hex = (bytes: number) => `0x${randomBytes(bytes).toString('hex')}`;

/** A key that the stub holds alone, and the records with which two nodes publish it. */
export class StubKey {
  readonly keyId = `k_${randomBytes(8).toString('hex')}`;
  private readonly root = new SigningKey(randomBytes(32));
  private readonly chainCode = randomBytes(32);

  /** The address of the child at `path`. */
  address(path?: string): string {
    return addressOf(this.child(path).publicKey);
  }

  sign(digest: string, path?: string): EcdsaSignature {
    const secret = (BigInt(this.root.privateKey) + this.child(path).tweak) % groupOrder;
    const { r, s, yParity } = new SigningKey(`0x${secret.toString(16).padStart(64, '0')}`).sign(digest);
    return { r, s, yParity };
  }

  record(node: string, signer: RecordSigner): EncodedRecord {
    const data: KeyStateInput = {
      ...{
        type: 'quorate.state.key.v1',
        id: randomUUID(),
        keyId: this.keyId,
        scheme: 'ecdsa-secp256k1',
        epoch: 0,
      },
      ...{ threshold: 2, participants: ['node-1', 'node-2'], publicKey: this.root.compressedPublicKey },
      chainCode: toHex(this.chainCode),
      publicShares: { '1': this.root.compressedPublicKey, '2': this.root.compressedPublicKey },
      certificate: {
        ...{ suite: 1, epoch: 0, sid: hex(32), ssid: hex(32), transcript: hex(32) },
        ...{ identities: { '1': hex(32), '2': hex(32) }, signatures: { '1': hex(64), '2': hex(64) } },
      },
      ...{ address: this.address(), at: new Date().toISOString() },
    };
    return encodeRecord(
      { typ: 'state', source: `/node/${node}`, data, key: this.keyId, time: new Date() },
      signer,
    );
  }

  publicKey(path?: string): string {
    return toHex(this.child(path).publicKey);
  }

  private child(path: string | undefined) {
    const root = parsePoint(fromHex(this.root.compressedPublicKey));
    if (root === undefined) throw new Error('no point');
    return deriveChild(root, this.chainCode, parseDerivationPath(path));
  }
}

/** How the stub answers a request: with a signature, with a rejection of this code, falsely, or not yet. */
export type StubAnswer =
  'sign' | 'hold' | 'wrong-key' | { reject: string; mayBeSigned?: boolean; rule?: string };

/** Answers sign requests on mpc.finals as a coordinator would; the same request gets the same bytes. */
export class StubSigner {
  answer: (request: SignRequest, seen: number) => StubAnswer = () => 'sign';
  /** How often each answer is published. */
  copies = 1;
  readonly requests: SignRequest[] = [];
  private held: { request: SignRequest; value: Buffer }[] = [];
  private readonly answered = new Map<string, EncodedRecord>();
  private subscription: RunningSubscription | undefined;

  constructor(
    private readonly key: StubKey,
    private readonly signer: RecordSigner,
    private readonly log: MessageLog,
    private readonly producer: LogProducer,
    private readonly topics: TopicNames,
  ) {}

  async start(): Promise<void> {
    this.subscription = await this.log.subscribe({
      topic: this.topics.requests,
      group: `stub-${randomUUID()}`,
      start: 'earliest',
      handle: async (batches) => {
        for (const record of recordsOf(batches)) await this.handle(record);
      },
    });
    await this.subscription.assigned;
  }

  async stop(): Promise<void> {
    await this.subscription?.stop();
  }

  /** Signs what was held back, the newest first. */
  async release(): Promise<void> {
    this.answer = () => 'sign';
    for (const { request, value } of this.held.splice(0).reverse()) await this.reply(request, value, 'sign');
  }

  /** Refuses what fits of what was held back. */
  async refuseHeld(fits: (request: SignRequest) => boolean, code: string): Promise<void> {
    const refused = this.held.filter(({ request }) => fits(request));
    this.held = this.held.filter((one) => !refused.includes(one));
    for (const { request, value } of refused)
      await this.reply(request, value, { reject: code, mayBeSigned: true });
  }

  /** Refuses a request that another requester might have made. */
  async answerOther(requester: string): Promise<void> {
    const common = { id: randomUUID(), requester, requestId: randomUUID(), requestHash: hex(32) };
    const record = this.rejection(common, 'policy', false);
    await this.producer.send([{ topic: this.topics.finals, ...record }]);
  }

  private async handle({ value }: LogRecord): Promise<void> {
    if (value === null) return;
    const request = signRequestSchema.parse(JSON.parse(value.toString()));
    const seen = this.requests.push(request);
    await this.reply(request, value, this.answer(request, seen));
  }

  private async reply(request: SignRequest, value: Buffer, answer: StubAnswer): Promise<void> {
    if (answer === 'hold') {
      this.held.push({ request, value });
      return;
    }
    const id = requestHash(value);
    const record = this.answered.get(id) ?? this.final(request, id, answer);
    this.answered.set(id, record);
    const out = { topic: this.topics.finals, ...record };
    await this.producer.send(Array.from({ length: this.copies }, () => out));
  }

  private final(request: SignRequest, hash: string, answer: Exclude<StubAnswer, 'hold'>): EncodedRecord {
    const { requester, requestId, keyId, path, payload } = request;
    const common = { id: randomUUID(), requester, requestId, requestHash: hash };
    const at = new Date().toISOString();
    if (typeof answer === 'object') {
      const { reject: code, mayBeSigned = false, rule } = answer;
      return this.rejection(common, code, mayBeSigned, rule);
    }
    if (payload.kind !== 'evm-intent' && payload.kind !== 'evm-cancel')
      throw new Error('the stub signs for submitters only');
    const { digest } = decodeUnsignedTransaction(payload.unsigned);
    const key = answer === 'sign' ? this.key : new StubKey();
    return this.encode(requestId, {
      type: 'quorate.sign.completed.v1',
      ...{ ...common, keyId, ...(path === undefined ? {} : { path }), scheme: 'ecdsa-secp256k1', digest },
      ...{ signature: key.sign(digest, path), publicKey: key.publicKey(path), address: key.address(path) },
      ...{ committee: ['node-1', 'node-2'], presignatureId: hex(32), completedAt: at },
    });
  }

  private rejection(
    common: { requestId: string },
    code: string,
    mayBeSigned: boolean,
    rule?: string,
  ): EncodedRecord {
    const rejectedAt = new Date().toISOString();
    const details = rule === undefined ? {} : { details: { rule } };
    const data = { ...common, code, reason: 'the stub says no', ...details, mayBeSigned, rejectedAt };
    return this.encode(common.requestId, { type: 'quorate.sign.rejected.v1', ...data });
  }

  private encode(key: string, data: { type: string }): EncodedRecord {
    const source = '/coordinator/coordinator-1';
    return encodeRecord({ typ: 'final', source, data, key, time: new Date() }, this.signer);
  }
}

import { randomBytes, randomUUID } from 'node:crypto';

import { secp256k1 } from '@noble/curves/secp256k1.js';
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
  private readonly children = new Map<string, DerivedKey>();

  /** The address of the child at `path`. */
  address(path?: string): string {
    return addressOf(this.child(path).publicKey);
  }

  /** The same signature for the same digest. */
  sign(digest: string, path?: string): EcdsaSignature {
    const { r, s, yParity } = new SigningKey(this.secret(path)).sign(digest);
    return { r, s, yParity };
  }

  /** Another signature each time. */
  signAnew(digest: string, path?: string): EcdsaSignature {
    const options = { prehash: false, extraEntropy: true, format: 'recovered' } as const;
    const bytes = secp256k1.sign(fromHex(digest), fromHex(this.secret(path)), options);
    const [r, s] = [bytes.subarray(1, 33), bytes.subarray(33)];
    return { r: toHex(r), s: toHex(s), yParity: bytes[0] === 1 ? 1 : 0 };
  }

  private secret(path?: string): string {
    const secret = (BigInt(this.root.privateKey) + this.child(path).tweak) % groupOrder;
    return `0x${secret.toString(16).padStart(64, '0')}`;
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

  private child(path = ''): DerivedKey {
    const known = this.children.get(path);
    if (known !== undefined) return known;
    const root = parsePoint(fromHex(this.root.compressedPublicKey));
    if (root === undefined) throw new Error('no point');
    const child = deriveChild(root, this.chainCode, parseDerivationPath(path === '' ? undefined : path));
    this.children.set(path, child);
    return child;
  }
}

type DerivedKey = ReturnType<typeof deriveChild>;

/** Answers that look like signatures: of another key, over another digest, or in the form that chains refuse (EIP-2). */
export const lies = ['wrong-key', 'wrong-digest', 'high-s'] as const;
export type Lie = (typeof lies)[number];

/**
 * How the stub answers a request: with a signature, with a rejection of this code, falsely, not yet, or falsely and then,
 * as another coordinator would, with a signature.
 */
export type StubAnswer =
  'sign' | 'hold' | Lie | { reject: string; mayBeSigned?: boolean; rule?: string } | { signAfter: Lie };

type PlainAnswer = Exclude<StubAnswer, 'hold' | { signAfter: Lie }>;

interface AskedRequest {
  request: SignRequest;
  value: Buffer;
}

/** Answers sign requests on mpc.finals as a coordinator would; the same request gets the same bytes. */
export class StubSigner {
  answer: (request: SignRequest, seen: number) => StubAnswer = () => 'sign';
  /** How often each answer is published. */
  copies = 1;
  readonly requests: SignRequest[] = [];
  /** Those that got a signature, in order. */
  readonly signed: SignRequest[] = [];
  private held: AskedRequest[] = [];
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
        await this.handle(recordsOf(batches));
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
    await this.reply(this.held.splice(0).reverse(), () => 'sign');
  }

  /** Refuses what fits of what was held back. */
  async refuseHeld(fits: (request: SignRequest) => boolean, code: string): Promise<void> {
    await this.answerHeld(fits, { reject: code, mayBeSigned: true });
  }

  /** Answers what fits of what was held back. */
  async answerHeld(fits: (request: SignRequest) => boolean, answer: StubAnswer): Promise<void> {
    const fitting = this.held.filter(({ request }) => fits(request));
    this.held = this.held.filter((one) => !fitting.includes(one));
    await this.reply(fitting, () => answer);
  }

  /** Refuses a request that another requester might have made. */
  async answerOther(requester: string): Promise<void> {
    const common = { id: randomUUID(), requester, requestId: randomUUID(), requestHash: hex(32) };
    const record = this.rejection(common, 'policy', false);
    await this.producer.send([{ topic: this.topics.finals, ...record }]);
  }

  private async handle(records: readonly LogRecord[]): Promise<void> {
    const asked = records.flatMap(({ value }) => {
      if (value === null) return [];
      return [{ request: signRequestSchema.parse(JSON.parse(value.toString())), value }];
    });
    await this.reply(asked, (request) => this.answer(request, this.requests.push(request)));
  }

  private async reply(
    asked: readonly AskedRequest[],
    answerTo: (request: SignRequest) => StubAnswer,
  ): Promise<void> {
    const topic = this.topics.finals;
    const finals = asked.flatMap((one) => this.finals(one, answerTo(one.request)));
    if (finals.length > 0) await this.producer.send(finals.map((final) => ({ topic, ...final })));
  }

  private finals(asked: AskedRequest, answer: StubAnswer): EncodedRecord[] {
    if (answer === 'hold') {
      this.held.push(asked);
      return [];
    }
    const { request, value } = asked;
    const id = requestHash(value);
    if (typeof answer === 'object' && 'signAfter' in answer) {
      return [this.signature(request, id, answer.signAfter), ...this.finals(asked, 'sign')];
    }
    const record = this.answered.get(id) ?? this.final(request, id, answer);
    // Whoever asks a liar again may meet an honest one.
    if (answer === 'sign' || typeof answer === 'object') this.answered.set(id, record);
    return Array.from({ length: this.copies }, () => record);
  }

  private final(request: SignRequest, hash: string, answer: PlainAnswer): EncodedRecord {
    if (typeof answer !== 'object') return this.signature(request, hash, answer);
    const { requester, requestId } = request;
    const { reject: code, mayBeSigned = false, rule } = answer;
    const common = { id: randomUUID(), requester, requestId, requestHash: hash };
    return this.rejection(common, code, mayBeSigned, rule);
  }

  private signature(request: SignRequest, hash: string, answer: 'sign' | Lie): EncodedRecord {
    const { requester, requestId, keyId, path, payload } = request;
    if (payload.kind !== 'evm-intent' && payload.kind !== 'evm-cancel')
      throw new Error('the stub signs for submitters only');
    const asked = decodeUnsignedTransaction(payload.unsigned).digest;
    const digest = answer === 'wrong-digest' ? hex(32) : asked;
    const key = answer === 'wrong-key' ? new StubKey() : this.key;
    const honest = key.sign(digest, path);
    if (answer === 'sign') this.signed.push(request);
    return this.encode(requestId, {
      type: 'quorate.sign.completed.v1',
      ...{ id: randomUUID(), requester, requestId, requestHash: hash },
      ...{ keyId, ...(path === undefined ? {} : { path }), scheme: 'ecdsa-secp256k1', digest },
      ...{
        signature: answer === 'high-s' ? withHighS(honest) : honest,
        publicKey: key.publicKey(path),
        address: key.address(path),
      },
      ...{ committee: ['node-1', 'node-2'], presignatureId: hex(32), completedAt: new Date().toISOString() },
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

/** The other signature that verifies: group order - s, and the point of the other parity. */
function withHighS({ r, s, yParity }: EcdsaSignature): EcdsaSignature {
  const high = (groupOrder - BigInt(s)).toString(16).padStart(64, '0');
  return { r, s: `0x${high}`, yParity: yParity === 0 ? 1 : 0 };
}

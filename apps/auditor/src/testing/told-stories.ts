/** Stories as a running installation writes them, for tests that look at them: record by record what `npm start` logs. */
import { type OutgoingRecord } from '@quorate/messaging';
import { eventRecord } from './event-writer';

export const KEY_ID = 'k_e07711a87258b7c343abfdbeb31f0c561f3be5eb02ba0032458a6fb366d4a41d';
export const SENDER = '0x9c577444cb8ba95a6b9b50b02b9d9aaddf7711a0';
const RECIPIENT = '0x70997970c51812dc3a010c7d01b50e0d17dc79c8';

/** 32 bytes that are the same whenever `seed` is. */
export function hash(seed: number): string {
  return `0x${Array.from({ length: 8 }, (_, i) => (((seed + 1) * 2_654_435_761 + i * 40_503_001) >>> 0).toString(16).padStart(8, '0')).join('')}`;
}

/** What a client signed: its bytes in base64, with something in place of the signature. */
function clientBytes(content: object) {
  return { value: Buffer.from(JSON.stringify(content)).toString('base64'), jws: 'e30..c2lnbmF0dXJl' };
}

/** Writes the events of one story after another, some milliseconds apart. */
export class Teller {
  readonly records: OutgoingRecord[] = [];

  constructor(
    private readonly topic: string,
    private time: number,
  ) {}

  tell(kid: string, type: string, correlationId: string, payload: object, laterMs = 37): this {
    this.time += laterMs;
    const event = {
      kid,
      type: `quorate.${type}.v1`,
      correlationId,
      payload,
      occurredAt: new Date(this.time),
    };
    this.records.push(eventRecord(this.topic, event));
    return this;
  }

  /** A key of three nodes and its stock. */
  key(): this {
    const nodes = ['node-1', 'node-2', 'node-3'];
    for (const node of nodes)
      this.tell('coordinator-1', 'node.joined', node, {
        node,
        bootId: `0x${'ab'.repeat(16)}`,
        version: '0.1.0',
      });
    const facts = { keyId: KEY_ID, scheme: 'ecdsa-secp256k1', epoch: 0, threshold: 2, participants: nodes };
    this.tell(
      'coordinator-1',
      'key.generated',
      KEY_ID,
      { ...facts, publicKey: `0x02${hash(3).slice(2)}`, chainCode: hash(4) },
      700,
    );
    for (let n = 0; n < 3; n += 1) {
      const session = { sessionId: hash(10 + n), keyId: KEY_ID, committee: ['node-1', 'node-2'] };
      this.tell('coordinator-1', 'presign.started', hash(10 + n), { ...session, batch: 64 });
      this.tell('coordinator-1', 'presign.stocked', hash(10 + n), session, 900);
    }
    return this;
  }

  /** A signature by two nodes, or two refusals. */
  signature(
    requestId: string,
    seed: number,
    options: { requester?: string; correlationId?: string; isRefused?: boolean } = {},
  ): this {
    const { requester = 'alice', correlationId = requestId, isRefused = false } = options;
    const request = { requester, requestId, requestHash: hash(seed), keyId: KEY_ID };
    const ofClients = isRefused
      ? { kind: 'digest', digest: hash(seed + 1) }
      : { kind: 'eip191', message: '0x68656c6c6f' };
    const payload = requester === 'submitter' ? { kind: 'evm-intent' } : ofClients;
    const client = clientBytes({ requestId, requester, keyId: KEY_ID, payload });
    this.tell('coordinator-1', 'sign.requested', correlationId, {
      ...request,
      ...client,
      payloadKind: payload.kind,
      digest: hash(seed + 1),
    });
    const attempt = { ...request, attempt: 1, presignatureId: hash(seed + 2) };
    const committee = ['node-1', 'node-3'];
    this.tell('coordinator-1', 'sign.committee-chosen', correlationId, { ...attempt, committee });
    for (const node of committee) {
      const reason = `${requester} may not have raw digests signed: sign the content instead`;
      if (isRefused)
        this.tell(node, 'policy.refused', correlationId, {
          ...attempt,
          node,
          code: 'policy',
          rule: 'raw-digest',
          reason,
        });
      else
        this.tell(node, 'sign.partial-issued', correlationId, { ...attempt, node, digest: hash(seed + 1) });
    }
    if (isRefused) {
      const end = {
        code: 'policy',
        reason: `${requester} may not have raw digests signed: sign the content instead`,
      };
      return this.tell('coordinator-1', 'sign.rejected', correlationId, {
        ...request,
        ...end,
        mayBeSigned: true,
        rejectedAt: new Date(this.time).toISOString(),
      });
    }
    this.tell('coordinator-1', 'sign.partial-received', correlationId, { ...attempt, nodes: committee });
    return this.tell('coordinator-1', 'sign.completed', correlationId, {
      ...{
        ...request,
        committee,
        presignatureId: hash(seed + 2),
        scheme: 'ecdsa-secp256k1',
        digest: hash(seed + 1),
        address: SENDER,
      },
      ...{
        signature: { r: hash(seed + 3), s: hash(seed + 4), yParity: 0 },
        publicKey: `0x02${hash(3).slice(2)}`,
      },
      completedAt: new Date(this.time).toISOString(),
    });
  }

  /** A payment that takes two attempts and becomes final. Its transactions are hash(seed + 30) and hash(seed + 60). */
  payment(intentId: string, seed: number): this {
    const intent = { requester: 'alice', intentId };
    const say = (type: string, payload: object, laterMs?: number) =>
      this.tell('submitter', `tx.${type}`, intentId, { ...intent, ...payload }, laterMs);
    const asked = {
      intentId,
      requester: 'alice',
      keyId: KEY_ID,
      chainId: '31337',
      to: RECIPIENT,
      value: '250000000000000000',
    };
    const ceilings = { data: '0x', maxFeePerGas: '100000000000', maxCost: '252100000000000000' };
    say('requested', {
      ...clientBytes({ ...asked, ...ceilings }),
      keyId: KEY_ID,
      chainId: '31337',
      intentHash: hash(seed),
      confirmations: 2,
    });
    say('authorized', { from: SENDER });
    say('nonce-reserved', { chainId: '31337', from: SENDER, nonce: String(seed % 90) });
    for (const attempt of [0, 1]) {
      const at = seed + 30 * (attempt + 1);
      const fees = {
        maxFeePerGas: String(1_180_790_232 + attempt * 400_000_000),
        maxPriorityFeePerGas: '1000000000',
      };
      say(
        'priced',
        { attempt, kind: 'payload', gasLimit: '21000', ...fees, digest: hash(at + 1) },
        attempt === 0 ? 37 : 24_000,
      );
      if (attempt > 0) say('replaced', { attempt, kind: 'payload', reason: 'the base fee has risen' }, 1);
      const requestId = hash(at + 2).slice(2);
      say('signature-requested', { attempt, try: 0, requestId, digest: hash(at + 1) }, 1);
      this.signature(requestId, at + 10, { requester: 'submitter', correlationId: intentId });
      say('signed', { attempt, requestId, hash: hash(at) });
      say('broadcast', { attempt, hash: hash(at) });
    }
    const block = { number: '19204411', hash: hash(seed + 90) };
    say(
      'included',
      { hash: hash(seed + 60), block, status: 'success', gasUsed: '21000', effectiveGasPrice: '1479095727' },
      11_400,
    );
    say('confirmed', { hash: hash(seed + 60), block, confirmations: 2 }, 12_000);
    return say('finalized', { hash: hash(seed + 60), block, status: 'success' }, 64_000);
  }
}

/**
 * A client as a stranger would write it from interfaces.md alone: kafkajs, jose, ethers and fetch, nothing of this
 * project. The end-to-end tests use it, so they test the interface and not the SDK.
 */
import { createHash, createPrivateKey, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { FlattenedSign, flattenedVerify, importJWK } from 'jose';
import { type Consumer, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';

interface Sasl {
  mechanism: string;
  username: string;
  password: string;
}

/** .quorate/run/stack.json, as far as a client reads it. */
export interface StackFile {
  kafka: {
    brokers: string[];
    caFile: string | null;
    sasl: Sasl | null;
    topicPrefix: string;
    groupPrefix: string;
    operator: { sasl: Sasl | null };
  };
  audit: { url: string; token: string; witnessToken: string; logKeys: string[] };
  submitter: { url: string; token: string };
  chain: { rpcUrl: string; chainId: string };
  databases: { audit: string; nodes: Record<string, string> };
  databaseOwners: { audit: string; server: string; nodes: Record<string, string> };
  auditorEnvironment: Record<string, string>;
  processes: Record<string, { pid: number; health?: string }>;
  identities: Record<string, { kty: string; crv: string; x: string }>;
  key: { keyId: string; publicKey: string; chainCode: string; address: string; participants: string[] };
  requester: { kid: string; privateKeyFile: string };
}

/** Calls an HTTP API of a stack as whoever holds its token. */
export function callApi(
  { url, token }: { url: string; token: string },
  path: string,
  method = 'GET',
): Promise<Response> {
  return fetch(new URL(path, url), { method, headers: { authorization: `Bearer ${token}` } });
}

/** A record of mpc.finals, tx.outcomes or dead-letters. */
export interface Received {
  topic: string;
  key: string;
  value: Buffer;
  headers: Record<string, string>;
  json: Record<string, unknown>;
}

const WAIT_MS = 60_000;

export class ForeignClient {
  readonly received: Received[] = [];
  private readonly waiters = new Set<() => void>();
  private readonly privateKey: KeyObject;
  private producer: Producer | undefined;
  private readonly consumers: Consumer[] = [];

  constructor(readonly stack: StackFile) {
    this.privateKey = createPrivateKey(readFileSync(stack.requester.privateKeyFile));
  }

  /** As the demo client; dead letters are the operator's to read. */
  async connect(): Promise<void> {
    const { sasl, operator } = this.stack.kafka;
    const kafka = kafkaOf(this.stack, sasl);
    this.producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await this.producer.connect();
    await Promise.all([
      this.read(kafka, ['mpc.finals', 'tx.outcomes']),
      this.read(kafkaOf(this.stack, operator.sasl), ['dead-letters']),
    ]);
  }

  private async read(kafka: Kafka, topics: string[]): Promise<void> {
    const consumer = kafka.consumer({
      groupId: `${this.stack.kafka.groupPrefix}e2e-${randomUUID()}`,
      readUncommitted: true,
    });
    this.consumers.push(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: topics.map((topic) => this.topic(topic)), fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, message }) => {
        const value = message.value ?? Buffer.alloc(0);
        const headers = Object.fromEntries(
          Object.entries(message.headers ?? {}).map(([name, text]) => [name, String(text)]),
        );
        this.received.push({ topic, key: String(message.key), value, headers, json: parsed(value) });
        for (const waiter of [...this.waiters]) waiter();
      },
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.disconnect()));
    await this.producer?.disconnect();
  }

  topic(name: string): string {
    return `${this.stack.kafka.topicPrefix}${name}`;
  }

  /** A sign request with fresh nonce and id; `change` replaces fields. */
  request(payload: object, change: object = {}): { requestId: string } & Record<string, unknown> {
    return {
      requestId: randomUUID(),
      requester: this.stack.requester.kid,
      keyId: this.stack.key.keyId,
      path: 'm/44/60/0/0/7',
      payload,
      nonce: `0x${randomBytes(32).toString('hex')}`,
      expiresAt: inMinutes(10),
      ...change,
    };
  }

  intent(change: object = {}): { intentId: string } & Record<string, unknown> {
    return {
      intentId: randomUUID(),
      requester: this.stack.requester.kid,
      keyId: this.stack.key.keyId,
      chainId: this.stack.chain.chainId,
      to: `0x${randomBytes(20).toString('hex')}`,
      value: '1000000000000000',
      data: '0x',
      maxFeePerGas: '100000000000',
      maxCost: '5000000000000000',
      confirmations: 2,
      expiresAt: inMinutes(10),
      ...change,
    };
  }

  async jws(
    value: Uint8Array,
    typ: string,
    key: KeyObject = this.privateKey,
    kid = this.stack.requester.kid,
  ): Promise<string> {
    const signed = await new FlattenedSign(value)
      .setProtectedHeader({ alg: 'EdDSA', kid, typ: `${typ}+jws` })
      .sign(key);
    return `${signed.protected}..${signed.signature}`;
  }

  /** Produces exact bytes, by default correctly signed; the same bytes can be sent again with the result. */
  async send(
    topic: 'mpc.requests' | 'tx.intents',
    id: string,
    content: object | Buffer,
    change: { headers?: Record<string, string | null | undefined>; signer?: KeyObject } = {},
  ): Promise<{ value: Buffer; headers: Record<string, string> }> {
    const value = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const intent = topic === 'tx.intents';
    const all: Record<string, string | null | undefined> = {
      ce_specversion: '1.0',
      ce_id: id,
      ce_source: `/client/${this.stack.requester.kid}`,
      ce_type: intent ? 'quorate.tx.requested.v1' : 'quorate.sign.requested.v1',
      ce_time: new Date().toISOString(),
      'content-type': 'application/json',
      jws: await this.jws(value, intent ? 'tx-intent' : 'sign-request', change.signer ?? this.privateKey),
      ...change.headers,
    };
    // Kafka allows a header to be null, and kafkajs writes it, though its types do not say so.
    const headers = Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    await this.resend(topic, id, { value, headers });
    return { value, headers };
  }

  async resend(
    topic: string,
    id: string,
    record: { value: Buffer; headers: Record<string, string> },
  ): Promise<void> {
    await this.producer?.send({ topic: this.topic(topic), acks: -1, messages: [{ key: id, ...record }] });
  }

  /** The first record that fits, also one that came before the call. */
  async first(fits: (record: Received) => boolean, timeoutMs = WAIT_MS): Promise<Received> {
    const [record] = await this.atLeast(1, fits, timeoutMs);
    if (record === undefined) throw new Error('nothing fits');
    return record;
  }

  /** Resolves when at least `count` records fit. */
  async atLeast(
    count: number,
    fits: (record: Received) => boolean,
    timeoutMs = WAIT_MS,
  ): Promise<Received[]> {
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const found = this.received.filter(fits);
        if (found.length < count) return;
        clearTimeout(timer);
        this.waiters.delete(check);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.waiters.delete(check);
        reject(
          new Error(`${this.received.filter(fits).length} of ${count} records came within ${timeoutMs} ms`),
        );
      }, timeoutMs);
      this.waiters.add(check);
      check();
    });
  }

  finalOf(requestId: string): Promise<Received> {
    return this.first(
      (record) => record.topic === this.topic('mpc.finals') && record.json.requestId === requestId,
    );
  }

  outcomeOf(intentId: string, status: string): Promise<Received> {
    return this.first(
      (record) => record.json.intentId === intentId && record.json.type === `quorate.tx.${status}.v1`,
    );
  }

  deadLetterOf(key: string): Promise<Received> {
    return this.first((record) => record.topic === this.topic('dead-letters') && record.key === key);
  }

  /** Verifies the signature of a service's record against the identity in stack.json; returns its protected header. */
  async verify(record: Received): Promise<Record<string, unknown>> {
    const [header = '', , signature = ''] = (record.headers.jws ?? '').split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { kid: string };
    const jwk = this.stack.identities[kid];
    if (jwk === undefined) throw new Error(`stack.json has no identity ${kid}`);
    const key = await importJWK({ ...jwk, alg: 'EdDSA' });
    const payload = record.value.toString('base64url');
    const { protectedHeader } = await flattenedVerify({ protected: header, payload, signature }, key);
    return { ...protectedHeader };
  }
}

/** A connection in the name of `sasl`; in clear where nobody logs in. */
function kafkaOf({ kafka: { brokers, caFile } }: StackFile, sasl: Sasl | null): Kafka {
  return new Kafka({
    clientId: 'stranger',
    brokers,
    ...(caFile === null ? {} : { ssl: { ca: readFileSync(caFile, 'utf8') } }),
    ...(sasl === null ? {} : { sasl: { ...sasl, mechanism: 'scram-sha-512' } }),
    logLevel: logLevel.NOTHING,
  });
}

export function sha256Hex(value: Uint8Array): string {
  return `0x${createHash('sha256').update(value).digest('hex')}`;
}

function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}

function parsed(value: Buffer): Record<string, unknown> {
  try {
    return JSON.parse(value.toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}

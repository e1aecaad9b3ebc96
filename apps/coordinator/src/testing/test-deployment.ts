import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEventStore, type EventStore } from '@quorate/event-store';
import {
  kafkaMessageLog,
  type LogProducer,
  type LogRecord,
  type MessageLog,
  recordsOf,
} from '@quorate/messaging';
import {
  createLogger,
  HealthRegistry,
  identityJwk,
  Metrics,
  PeerDirectory,
  RequesterDirectory,
  type RequesterLimits,
} from '@quorate/platform';
import {
  encodeClientRecord,
  encodeRecord,
  recordSigner,
  type SignRequestInput,
  type TopicNames,
  topicNames,
} from '@quorate/protocol';
import { prepareCertificates } from '../../../../deploy/embedded/identities/certificates';
import { stackFolders } from '../../../../deploy/embedded/files/stack-folders';
import { topicSpecs } from '../../../../deploy/kafka/topics';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { COORDINATOR_MIGRATIONS } from '../adapters/migrations';
import { Coordinator } from '../coordinator';
import { eventEncoder } from '../coordinator-process';
import { systemClock } from '../ports/clock.port';
import { FakeNetwork, FakeNode, type TlsFiles } from './fake-node';

export interface RunningCoordinator {
  readonly port: number;
  readonly coordinator: Coordinator;
  readonly store: EventStore;
  /** Orderly stop. */
  stop(): Promise<void>;
}

export interface Final {
  readonly value: Buffer;
  readonly jws: string;
  readonly id: string;
  readonly data: Record<string, unknown>;
}

/** Kafka topics, a database, identities and fake nodes for coordinators under test. */
export class TestDeployment {
  readonly prefix = `c${randomBytes(4).toString('hex')}-`;
  readonly topics: TopicNames = topicNames(this.prefix);
  readonly nodes: FakeNode[] = [];
  readonly finals: Final[] = [];
  readonly events: Record<string, unknown>[] = [];
  readonly deadLetters: LogRecord[] = [];
  readonly operator = generateKeyPairSync('ed25519').privateKey;
  private readonly folder = mkdtempSync(join(tmpdir(), 'quorate-coordinator-'));
  private readonly keys = new Map<string, KeyObject>();
  private readonly logger = createLogger('test', process.env['TEST_LOG_LEVEL'] ?? 'silent');
  private readonly log: MessageLog;
  private readonly stops: (() => Promise<void>)[] = [];
  private producer: LogProducer | undefined;
  private database: TestDatabase | undefined;
  private tls = new Map<string, TlsFiles>();

  private readonly nodeIds: readonly string[];

  /**
   * @param nodeCount node-1, node-2, ...
   * @param limits of clients besides alice, who has none of her own
   */
  constructor(
    nodeCount = 3,
    private readonly limits: Readonly<Record<string, RequesterLimits>> = {},
  ) {
    this.nodeIds = Array.from({ length: nodeCount }, (_, i) => `node-${i + 1}`);
    const brokers = process.env['KAFKA_BROKERS']?.split(',') ?? [];
    this.log = kafkaMessageLog({ brokers, clientId: 'test' });
    const services = [...this.nodeIds, 'coordinator-1', 'coordinator-2', 'submitter'];
    for (const kid of [...services, 'alice', ...Object.keys(limits)]) {
      this.keys.set(kid, generateKeyPairSync('ed25519').privateKey);
    }
  }

  async start(): Promise<void> {
    await this.log.ensureTopics(
      topicSpecs({
        brokers: 1,
        prefix: this.prefix,
        nodes: [...this.nodeIds],
        coordinators: ['coordinator-1', 'coordinator-2'],
        submitters: ['submitter'],
        auditors: ['auditor'],
        operators: [],
        clients: [],
      }),
    );
    this.database = await createTestDatabase();
    this.tls = await prepareCertificates(stackFolders(this.folder), [
      ...this.nodeIds,
      'coordinator-1',
      'coordinator-2',
      'operator',
    ]);
    const entry = (kid: string, role: string) => ({ kid, role, publicKey: identityJwk(this.key(kid)) });
    const peers = [
      ...this.nodeIds.map((kid) => entry(kid, 'node')),
      ...['coordinator-1', 'coordinator-2'].map((kid) => entry(kid, 'coordinator')),
      entry('submitter', 'submitter'),
    ];
    const limited = Object.entries(this.limits).map(([kid, limits]) => ({ ...entry(kid, 'client'), limits }));
    const requesters = [entry('alice', 'client'), entry('submitter', 'submitter'), ...limited];
    const operators = [{ kid: 'operator', publicKey: identityJwk(this.operator) }];
    writeFileSync(this.file('peers.json'), JSON.stringify({ peers }));
    writeFileSync(this.file('requesters.json'), JSON.stringify({ requesters, operators }));
    this.producer = await this.log.producer();
    const network = new FakeNetwork();
    for (const id of this.nodeIds) {
      const tls = this.tlsOf(id);
      this.nodes.push(new FakeNode(id, this.key(id), network, this.topics, this.producer, tls));
    }
    await this.collect(this.topics.finals, (record) => this.finals.push(finalOf(record)));
    await this.collect(this.topics.events, (record) =>
      this.events.push(JSON.parse(String(record.value)) as never),
    );
    await this.collect(this.topics.deadLetters, (record) => this.deadLetters.push(record));
  }

  async coordinator(
    id: 'coordinator-1' | 'coordinator-2' = 'coordinator-1',
    settings: { stockTarget?: number; requestDeadlineMs?: number; keyRefreshIntervalHours?: number } = {},
  ): Promise<RunningCoordinator> {
    const signer = recordSigner(id, this.key(id));
    const brokers = process.env['KAFKA_BROKERS']?.split(',') ?? [];
    const log = kafkaMessageLog({ brokers, clientId: id });
    const store = await createEventStore({
      url: this.database?.url ?? '',
      migrations: COORDINATOR_MIGRATIONS,
      encodeEvent: eventEncoder(this.topics.events, signer),
      logger: this.logger,
    });
    const producer = await log.producer();
    await store.startDispatcher(producer);
    const requesters = RequesterDirectory.load(this.file('requesters.json'), this.logger);
    const coordinator = new Coordinator({
      id,
      topicPrefix: this.prefix,
      stockTarget: settings.stockTarget ?? 24,
      requestDeadlineMs: settings.requestDeadlineMs ?? 60_000,
      keyRefreshIntervalHours: settings.keyRefreshIntervalHours ?? 0,
      grpc: { host: '127.0.0.1', port: 0, ...this.tlsOf(id) },
      store,
      log,
      signer,
      peers: PeerDirectory.load(this.file('peers.json')),
      requesters,
      metrics: new Metrics(id),
      health: new HealthRegistry(),
      logger: this.logger,
      clock: systemClock,
    });
    const port = await coordinator.start();
    const stop = async () => {
      await coordinator.stop();
      await store.close();
      await producer.close();
      await log.close();
      requesters.close();
    };
    let stopped: Promise<void> | undefined;
    const once = () => (stopped ??= stop());
    this.stops.push(once);
    return { port, coordinator, store, stop: once };
  }

  connectNodes(port: number): void {
    for (const node of this.nodes) node.connect(port);
  }

  node(index: number): FakeNode {
    const node = this.nodes[index - 1];
    if (node === undefined) throw new Error(`no node ${index}`);
    return node;
  }

  tlsOf(kid: string): TlsFiles {
    const files = this.tls.get(kid);
    if (files === undefined) throw new Error(`no certificate of ${kid}`);
    return files;
  }

  key(kid: string): KeyObject {
    const key = this.keys.get(kid);
    if (key === undefined) throw new Error(`no key of ${kid}`);
    return key;
  }

  requestOf(keyId: string, requestId: string, change: Partial<SignRequestInput> = {}): Buffer {
    const request = {
      requestId,
      requester: 'alice',
      keyId,
      path: 'm/44/60/0/0/7',
      payload: { kind: 'eip191', message: '0x68656c6c6f' },
      nonce: `0x${randomBytes(32).toString('hex')}`,
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
      ...change,
    };
    return Buffer.from(JSON.stringify(request));
  }

  /** Produces requests of alice, all in one send. */
  send(...values: { requestId: string; value: Buffer }[]): Promise<void> {
    return this.sendAs('alice', ...values);
  }

  /** Produces requests that this client signed, all in one send. */
  async sendAs(kid: string, ...values: { requestId: string; value: Buffer }[]): Promise<void> {
    const signer = recordSigner(kid, this.key(kid));
    const records = values.map(({ requestId, value }) => ({
      topic: this.topics.requests,
      ...encodeClientRecord({ typ: 'sign-request', data: value, key: requestId, time: new Date() }, signer),
    }));
    await this.producer?.send(records);
  }

  /** Produces a record that carries no valid signature. */
  async sendRaw(value: Buffer, key: string): Promise<void> {
    await this.producer?.send([{ topic: this.topics.requests, key, value, headers: {} }]);
  }

  /** Produces a record on the state topic of a service. */
  async sendState(kid: string, data: object & { readonly type: string }, key: string): Promise<void> {
    const record = { typ: 'state' as const, source: `/service/${kid}`, data, key, time: new Date() };
    const encoded = encodeRecord(record, recordSigner(kid, this.key(kid)));
    await this.producer?.send([{ topic: this.topics.state(kid), ...encoded }]);
  }

  finalsOf(requestId: string): Final[] {
    return this.finals.filter((final) => final.data['requestId'] === requestId);
  }

  eventsOf(requestId: string): string[] {
    return this.events
      .filter((event) => event['requestId'] === requestId)
      .map((event) => String(event['type']));
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) node.disconnect();
    for (const stop of this.stops.reverse()) await stop();
    await this.producer?.close();
    await this.log.close();
    await this.database?.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private file(name: string): string {
    return join(this.folder, name);
  }

  private async collect(topic: string, take: (record: LogRecord) => void): Promise<void> {
    const subscription = await this.log.subscribe({
      topic,
      group: `${this.prefix}test-${topic}`,
      start: 'earliest',
      handle: async (batches) => recordsOf(batches).forEach(take),
    });
    this.stops.push(() => subscription.stop());
    await subscription.assigned;
  }
}

function finalOf(record: LogRecord): Final {
  const value = record.value ?? Buffer.alloc(0);
  const data = JSON.parse(value.toString()) as Record<string, unknown>;
  return { value, data, jws: String(record.headers['jws']), id: String(record.headers['ce_id']) };
}

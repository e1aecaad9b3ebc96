import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  kafkaMessageLog,
  type LogProducer,
  type LogRecord,
  type MessageLog,
  recordsOf,
} from '@quorate/messaging';
import {
  encodeClientRecord,
  type TopicNames,
  topicNames,
  type TxAmendInput,
  type TxIntentInput,
  type TxOutcome,
  txOutcomeSchema,
} from '@quorate/protocol';
import { Client } from 'pg';

import { callChain, fundOnLocalChain, LOCAL_CHAIN_ID } from '../../../../deploy/embedded/parts/chain';
import { freePort } from '../../../../deploy/embedded/ports/free-ports';
import { topicSpecs } from '../../../../deploy/kafka/topics';
import { Random } from '../../../../test/chaos/random';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { Anvil } from '../../../../test/rpc-proxy/anvil';
import { RpcProxy } from '../../../../test/rpc-proxy/rpc-proxy';
import { createTestIdentities, type TestIdentities } from './identities';
import { StubKey, StubSigner } from './stub-signer';
import { SubmitterProcess } from './submitter-process';
import { until } from '../../../../test/integration/until';

/** How long a bench may take to start, in milliseconds. */
const START_LIMIT_MS = 90_000;

/** An outcome as it lies on tx.outcomes. */
export interface SeenOutcome {
  outcome: TxOutcome;
  record: LogRecord;
}

/** A submitter process on real Kafka and Postgres, with topics, a database, a chain and a funded key of its own. */
export class TestBench {
  readonly outcomes: SeenOutcome[] = [];
  readonly deadLetters: LogRecord[] = [];
  readonly events: LogRecord[] = [];
  private readonly others: SubmitterProcess[] = [];

  private constructor(
    private readonly anvil: Anvil,
    readonly proxy: RpcProxy,
    readonly key: StubKey,
    readonly signer: StubSigner,
    readonly submitter: SubmitterProcess,
    readonly identities: TestIdentities,
    readonly topics: TopicNames,
    private readonly producer: LogProducer,
    private readonly log: MessageLog,
    private readonly database: TestDatabase,
    private readonly folder: string,
    private readonly logFile: string,
    private readonly env: Record<string, string>,
  ) {}

  /** @param settings of the submitter, beside those that it needs */
  static async start(settings: Record<string, string> = {}): Promise<TestBench> {
    const genesisTime = Math.floor(Date.now() / 1000);
    const anvil = await Anvil.start({ blockTime: 1, genesisTime, epoch: 32 });
    const said: string[] = [];
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const fail = () => reject(new Error(`the bench does not start\n${said.join('\n')}`));
      limit = setTimeout(fail, START_LIMIT_MS);
    });
    try {
      return await Promise.race([TestBench.on(anvil, settings, said), late]);
    } catch (error) {
      await anvil.stop();
      throw error;
    } finally {
      clearTimeout(limit);
    }
  }

  /** @param said grows by what happens meanwhile */
  private static async on(
    anvil: Anvil,
    settings: Record<string, string>,
    said: string[],
  ): Promise<TestBench> {
    const say = (fields: object, message: string) => void said.push(`${message} ${JSON.stringify(fields)}`);
    const logger = { debug: say, info: say, warn: say, error: say };
    const folder = mkdtempSync(join(tmpdir(), 'quorate-submitter-'));
    const brokers = process.env['KAFKA_BROKERS'] ?? '';
    const prefix = `s${randomBytes(4).toString('hex')}.`;
    const topics = topicNames(prefix);
    const log = kafkaMessageLog({ brokers: brokers.split(','), clientId: 'test', logger });
    const names = { nodes: ['node-1', 'node-2'], coordinators: ['coordinator-1'], submitters: ['submitter'] };
    const others = { auditors: ['auditor'], operators: [], clients: [] };
    await log.ensureTopics(topicSpecs({ brokers: 1, prefix, ...names, ...others }));
    const identities = createTestIdentities(folder);
    const producer = await log.producer();
    const [database, port] = await Promise.all([createTestDatabase(), freePort()]);
    const proxy = await RpcProxy.start(anvil.url, new Random(1));
    const key = new StubKey();
    const signer = new StubSigner(key, identities.signer('coordinator-1'), log, producer, topics);
    const logFile = join(folder, 'submitter.log');
    const { files } = identities;
    const env = {
      ...{
        KAFKA_BROKERS: brokers,
        TOPIC_PREFIX: prefix,
        DATABASE_URL: database.url,
        SERVICE_ID: 'submitter',
      },
      ...{ IDENTITY_KEY_FILE: files.identityKey, PEERS_FILE: files.peers, REQUESTERS_FILE: files.requesters },
      ...{ RPC_URLS: proxy.url, CHAIN_ID: LOCAL_CHAIN_ID, HTTP_PORT: String(port), LOG_LEVEL: 'info' },
      ...settings,
    };
    const submitter = new SubmitterProcess(env, logFile, `http://127.0.0.1:${port}`);
    const bench = new TestBench(
      anvil,
      proxy,
      key,
      signer,
      submitter,
      identities,
      topics,
      producer,
      log,
      database,
      folder,
      logFile,
      env,
    );
    await bench.publishKey(key);
    await bench.fund(key.address());
    await Promise.all([signer.start(), bench.listen(), submitter.start()]);
    return bench;
  }

  /** Starts one more submitter for the same intents. */
  async another(): Promise<SubmitterProcess> {
    const port = await freePort();
    const env = { ...this.env, HTTP_PORT: String(port) };
    const other = new SubmitterProcess(env, this.logFile, `http://127.0.0.1:${port}`);
    this.others.push(other);
    await other.start();
    return other;
  }

  async stop(): Promise<void> {
    await Promise.all([this.submitter, ...this.others].map((submitter) => submitter.stop()));
    await this.log.close();
    await this.proxy.stop();
    await this.anvil.stop();
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async publishKey(key: StubKey): Promise<void> {
    await this.producer.send(
      ['node-1', 'node-2'].map((node) => ({
        topic: this.topics.state(node),
        ...key.record(node, this.identities.signer(node)),
      })),
    );
  }

  fund(address: string, wei = 10n ** 20n): Promise<void> {
    return fundOnLocalChain(this.anvil.url, address, wei);
  }

  chain(method: string, ...params: unknown[]): Promise<unknown> {
    return callChain(this.anvil.url, method, params);
  }

  /** A transfer of one wei, unless changed. */
  intent(change: Partial<TxIntentInput> = {}): TxIntentInput {
    return {
      ...{
        intentId: `i-${randomUUID()}`,
        requester: 'alice',
        keyId: this.key.keyId,
        chainId: LOCAL_CHAIN_ID,
      },
      ...{ to: `0x${randomBytes(20).toString('hex')}`, value: '1', data: '0x' },
      ...{ maxFeePerGas: '1000000000000', maxCost: '1000000000000000000', confirmations: 1 },
      expiresAt: new Date(Date.now() + 600_000).toISOString(),
      ...change,
    };
  }

  async send(intent: TxIntentInput, approvals: string[] = []): Promise<void> {
    const signer = this.identities.signer(intent.requester);
    const record = encodeClientRecord(
      { typ: 'tx-intent', data: intent, key: intent.intentId, time: new Date(), approvals },
      signer,
    );
    await this.producer.send([{ topic: this.topics.intents, ...record }]);
  }

  /** An amendment of an intent. */
  async amend(intent: TxIntentInput, change: Omit<TxAmendInput, 'intentId' | 'requester'>): Promise<void> {
    const { intentId, requester } = intent;
    const data = { intentId, requester, ...change };
    const signer = this.identities.signer(requester);
    await this.sendRaw(
      encodeClientRecord({ typ: 'tx-amend', data, key: intentId, time: new Date() }, signer),
    );
  }

  async sendRaw(record: { key: string; value: Buffer; headers: Record<string, string> }): Promise<void> {
    await this.producer.send([{ topic: this.topics.intents, ...record }]);
  }

  /** The outcomes of an intent so far, without copies. */
  of(intentId: string): TxOutcome[] {
    const seen = this.outcomes.filter(({ outcome }) => outcome.intentId === intentId);
    return [...new Map(seen.map(({ outcome }) => [outcome.id, outcome])).values()];
  }

  statuses(intentId: string): string[] {
    return this.of(intentId).map(({ status }) => status);
  }

  /** Resolves with the outcome of an intent that has this status. */
  async outcome(intentId: string, status: string, timeoutMs = 30_000): Promise<TxOutcome> {
    await until(() => this.of(intentId).some((outcome) => outcome.status === status), timeoutMs).catch(() => {
      throw new Error(
        `${intentId} has ${JSON.stringify(this.of(intentId))}, not ${status}\n${readFileSync(this.logFile, 'utf8').slice(-3000)}`,
      );
    });
    const found = this.of(intentId).find((outcome) => outcome.status === status);
    if (found === undefined) throw new Error('vanished');
    return found;
  }

  async get(path: string, method = 'GET'): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(`${this.submitter.url}${path}`, { method });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.database.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  /** Runs a statement in a transaction that stays open; returns its end. */
  async hold(sql: string, params: unknown[]): Promise<() => Promise<void>> {
    const client = new Client({ connectionString: this.database.url });
    await client.connect();
    await client.query('BEGIN');
    await client.query(sql, params);
    return () => client.end();
  }

  /** Answers behind the submitter's inbox position, of all partitions. */
  async unreadAnswers(): Promise<number> {
    const ends = [...(await this.log.highWatermarks(this.topics.finals)).values()];
    const rows = await this.query(`SELECT next_offset FROM inbox WHERE consumer = 'submitter-finals'`);
    const read = rows.reduce((sum, row) => sum + Number(row['next_offset']), 0);
    return ends.reduce((sum, end) => sum + Number(end), 0) - read;
  }

  private async listen(): Promise<void> {
    const read = (topic: string, take: (record: LogRecord) => void) =>
      this.log.subscribe({
        ...{ topic, group: `test-${randomUUID()}`, start: 'earliest' },
        handle: async (batches) => recordsOf(batches).forEach(take),
      });
    await Promise.all([
      read(this.topics.outcomes, (record) => {
        const outcome = txOutcomeSchema.parse(JSON.parse(record.value?.toString() ?? ''));
        this.outcomes.push({ outcome, record });
      }),
      read(this.topics.deadLetters, (record) => this.deadLetters.push(record)),
      read(this.topics.events, (record) => this.events.push(record)),
    ]);
  }
}

import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

import { createEventStore, type EventStore } from '@quorate/event-store';
import { createLogger, Metrics } from '@quorate/platform';
import {
  type IntentStatus,
  type OutcomeName,
  outcomeType,
  recordSigner,
  streams,
  topicNames,
} from '@quorate/protocol';

import { createTestDatabase, type TestDatabase } from '../../../../../test/integration/database';
import { SignedRecords } from '../../adapters/kafka/signed-records';
import { SUBMITTER_MIGRATIONS } from '../../adapters/postgres/submitter-migrations';
import { streamOf } from '../../intent/events';
import { type Outcome } from '../../intent/outcome';
import { AnnouncedOutcomes } from '../announced-outcomes';
import { Endpoints } from '../endpoints';
import { Webhooks } from '../webhooks';

export const testSecret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const statusOf: Partial<Record<OutcomeName, IntentStatus>> = { accepted: 'queued' };

/** Webhooks on a database of their own, without the rest of a submitter. */
export class WebhookBench {
  readonly logged: Record<string, unknown>[] = [];
  /** Host names and their addresses: what a name server answers. */
  resolve: (host: string) => Promise<string[]> = async (host) => {
    throw new Error(`no test knows ${host}`);
  };
  private readonly records: SignedRecords;
  private readonly running: { webhooks: Webhooks; outcomes: AnnouncedOutcomes; metrics: Metrics }[] = [];

  private constructor(
    readonly store: EventStore,
    private readonly database: TestDatabase,
    private readonly folder: string,
  ) {
    const { privateKey } = generateKeyPairSync('ed25519');
    this.records = new SignedRecords(recordSigner('submitter', privateKey), topicNames(''));
  }

  static async start(): Promise<WebhookBench> {
    const database = await createTestDatabase();
    const store = await createEventStore({
      url: database.url,
      migrations: SUBMITTER_MIGRATIONS,
      encodeEvent: ({ data }) => {
        const value = Buffer.from(JSON.stringify(data));
        return { topic: 'events', key: null, value, headers: { jws: 'none' } };
      },
      logger: createLogger('test', 'silent'),
    });
    const folder = mkdtempSync(join(tmpdir(), 'quorate-webhooks-'));
    writeFileSync(join(folder, 'secret'), testSecret);
    return new WebhookBench(store, database, folder);
  }

  /** Starts delivering to these endpoints, as a process does; again: as another process on the same database. */
  open(...endpoints: object[]): void {
    this.write(...endpoints);
    const destination = {
      write: (line: string) => void this.logged.push(JSON.parse(line) as Record<string, unknown>),
    };
    const logger = createLogger('test', 'info', destination);
    const parts = {
      store: this.store,
      endpoints: Endpoints.load(join(this.folder, 'webhooks.json'), logger),
      metrics: new Metrics('test'),
      logger,
      resolve: (host: string) => this.resolve(host),
      now: () => Date.now(),
      random: () => 0.5,
    };
    const webhooks = new Webhooks(parts);
    const outcomes = new AnnouncedOutcomes(this.records, parts.endpoints, (id) => webhooks.wake(id), []);
    this.running.push({ webhooks, outcomes, metrics: parts.metrics });
    webhooks.start();
  }

  /** Ends all that `open` began. */
  async close(): Promise<void> {
    await Promise.all(this.running.splice(0).map(({ webhooks }) => webhooks.stop()));
  }

  async stop(): Promise<void> {
    await this.close();
    await this.store.close();
    await this.database.drop();
    rmSync(this.folder, { recursive: true });
  }

  /** Writes the file of endpoints, and has it read again. */
  reload(...endpoints: object[]): void {
    this.write(...endpoints);
    process.emit('SIGHUP', 'SIGHUP');
  }

  /** Stores an outcome of an intent, with `last` as the last statement before the commit; resolves after it. */
  async outcome(
    intentId: string,
    name: OutcomeName,
    change: Partial<Outcome> = {},
    last?: string,
  ): Promise<void> {
    const identity = { requester: 'alice', intentId };
    const { outcomes } = this.live;
    const outcome: Outcome = {
      ...{ type: outcomeType(name), ...identity, intentHash: `0x${'11'.repeat(32)}`, chainId: '31337' },
      ...{ status: statusOf[name] ?? (name as IntentStatus), ...change },
    };
    await this.store.transaction(async (tx) => {
      outcomes.announce(tx, identity, outcome, outcomes.encodeOutcome(outcome));
      if (last !== undefined) tx.write(last);
    });
  }

  /** The row of an intent, as the submitter keeps it. */
  async intent(intentId: string, status: IntentStatus): Promise<void> {
    const identity = { requester: 'alice', intentId };
    await this.query(
      `INSERT INTO intent (stream_id, requester, intent_id, intent_hash, value, jws, status, chain_id, confirmations)
       VALUES ($1, 'alice', $2, $3, '', '', $4, '31337', 1)
       ON CONFLICT (stream_id) DO UPDATE SET status = excluded.status`,
      [streamOf(identity), intentId, `0x${'11'.repeat(32)}`, status],
    );
  }

  query(sql: string, params: unknown[] = []): Promise<Record<string, unknown>[]> {
    return this.store.transaction((tx) => tx.query(sql, params));
  }

  /** Lets the pause before every next attempt, and before every claim's end, be over. */
  async skipPauses(): Promise<void> {
    await this.query('UPDATE webhook_delivery SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL');
  }

  /** From now on no result of an attempt can be stored, as when the process dies before it. */
  async loseResults(): Promise<void> {
    await this.query(
      `CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''killed''; END'`,
    );
    await this.query(
      'CREATE TRIGGER lose BEFORE UPDATE OF last_result ON webhook_delivery EXECUTE FUNCTION lose()',
    );
  }

  async keepResults(): Promise<void> {
    await this.query('DROP FUNCTION lose CASCADE');
  }

  async states(): Promise<string[]> {
    const rows = await this.query('SELECT state FROM webhook_delivery ORDER BY arrival');
    return rows.map(({ state }) => String(state));
  }

  /** What was told on mpc.events of an endpoint. */
  async events(endpoint: string): Promise<{ type: string; data: Record<string, unknown> }[]> {
    const stream = streams.webhook(endpoint);
    const events = await this.store.transaction((tx) => tx.readStreams([stream]));
    return (events.get(stream) ?? []).map(({ type, data }) => ({ type, data }));
  }

  /** The value of a metric at an endpoint; undefined without one. */
  async metric(name: string, labels: Record<string, string>): Promise<number | undefined> {
    const metrics = await this.live.metrics.registry.getMetricsAsJSON();
    const values = metrics.find((metric) => metric.name === `quorate_webhook_${name}`)?.values ?? [];
    return values.find(({ labels: found }) => isDeepStrictEqual({ ...found, ...labels }, found))?.value;
  }

  newId(): string {
    return `i-${randomUUID()}`;
  }

  async clear(): Promise<void> {
    await this.query('DELETE FROM webhook_delivery');
    await this.query('DELETE FROM webhook_pending');
    this.logged.length = 0;
  }

  private get live() {
    const last = this.running.at(-1);
    if (last === undefined) throw new Error('open() it first');
    return last;
  }

  private write(...endpoints: object[]): void {
    const content = endpoints.map((endpoint) => ({ secretFile: 'secret', requesters: '*', ...endpoint }));
    writeFileSync(join(this.folder, 'webhooks.json'), JSON.stringify({ endpoints: content }));
  }
}

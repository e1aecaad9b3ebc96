import { createEventStore, type EventStore } from '@quorate/event-store';
import { type Block } from '@quorate/evm';
import { createLogger } from '@quorate/platform';

import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { SUBMITTER_MIGRATIONS } from '../adapters/postgres/submitter-migrations';
import { type IntentCommand } from '../intent/commands';
import { IntentMemory } from '../intent/intent-memory';
import { IntentSession } from '../intent/intent-session';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { type LaneId } from './lane';
import { LaneAdvance } from './lane-advance';
import { LaneBudget } from './lane-budget';

jest.setTimeout(60_000);

const start = Date.parse('2026-12-01T12:00:00Z');
const hash = (n: number) => `0x${String(n).padStart(64, '0')}`;
const head: Block = {
  ...{ number: 1, hash: '0x01', parentHash: '0x00', transactions: [] },
  ...{ baseFeePerGas: 1_000n, gasUsed: 0n, gasLimit: 30_000_000n },
};

describe('intents that cannot go yet', () => {
  const outcomes: OutcomeRecords = {
    encodeOutcome: () => ({ topic: 'outcomes', key: null, value: Buffer.from('{}'), headers: {} }),
    signOutcomeAgain: (record) => record,
    announce: () => undefined,
    decided: () => undefined,
  };
  let database: TestDatabase;
  let store: EventStore;
  let advance: LaneAdvance;
  let lane: LaneId;
  let now: number;
  let pauses: number[];
  let lanes = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    store = await createEventStore({
      ...{ url: database.url, migrations: SUBMITTER_MIGRATIONS, logger: createLogger('test', 'silent') },
      encodeEvent: ({ type, data }) => ({
        ...{ topic: 'events', key: type, headers: { jws: '' } },
        value: Buffer.from(JSON.stringify({ type, ...data })),
      }),
    });
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });
  beforeEach(async () => {
    lanes += 1;
    lane = { chainId: '31337', address: `0x${String(lanes).padStart(40, '0')}` };
    now = start;
    pauses = [];
    advance = new LaneAdvance({
      ...{
        store,
        outcomes,
        memory: new IntentMemory(),
        budget: new LaneBudget(undefined),
        ladder: undefined,
      },
      ...{ window: 64, head: () => head, now: () => now, requestsTopic: 'requests' },
      chain: {
        suspicion: () => undefined,
        transactionCount: () => Promise.resolve({ agreed: 0, highest: 0 }),
        feeMarket: () => Promise.resolve({ kind: 'base-fee', baseFee: 1_000n, tip: 1n }),
        balance: () => Promise.resolve(10n ** 18n),
        simulate: () => Promise.resolve({ kind: 'reverts', reason: 'closed' }),
      },
      leases: { guard: () => Promise.resolve() },
      replacements: { replace: () => Promise.resolve(false) },
      fillers: { fill: () => Promise.resolve(false) },
      signRequests: {
        requester: 'submitter',
        encodeSignRequest: () => ({ key: '', value: Buffer.alloc(0), headers: {} }),
        signRequestAgain: (record) => record,
      },
      wakeLaneIn: (_, milliseconds) => void pauses.push(milliseconds),
      onReserved: () => undefined,
    });
    await store.transaction((tx) =>
      tx.query('INSERT INTO lane (chain_id, address, next_nonce) VALUES ($1, $2, 0)', [
        lane.chainId,
        lane.address,
      ]),
    );
  });

  const identityOf = (intentId: string) => ({ requester: 'alice', intentId: `${lane.address}-${intentId}` });
  async function execute(intentId: string, ...commands: IntentCommand[]): Promise<void> {
    const identity = identityOf(intentId);
    await store.transaction(async (tx) => {
      const session = await IntentSession.load(tx, outcomes, [identity]);
      for (const command of commands) await session.execute(identity, command, 'test');
    });
  }
  /** Queues an intent that may pay no more than one wei per gas, unless changed. */
  async function queue(intentId: string, change: object = {}): Promise<void> {
    const expiresAt = '2026-12-01T13:00:00Z';
    const intent = {
      ...{ ...identityOf(intentId), keyId: 'k_1', chainId: lane.chainId, value: '1', data: '0x' },
      ...{
        to: `0x${'35'.repeat(20)}`,
        gasLimit: '21000',
        maxFeePerGas: '1',
        maxCost: '100000000',
        expiresAt,
      },
      ...change,
    };
    const terms = { keyId: 'k_1', chainId: lane.chainId, confirmations: 1, expiresAt: intent.expiresAt };
    const value = Buffer.from(JSON.stringify(intent)).toString('base64');
    await execute(
      intentId,
      {
        ...{ kind: 'receive', intentHash: hash(1), value, jws: '', approvals: [], terms },
        ...{ now, servedChainId: lane.chainId },
      },
      { kind: 'authorize', key: { found: true, from: lane.address } },
    );
  }
  /** Ends all pauses on the lane; they end in the order in which they began. */
  const endPauses = () =>
    store.transaction((tx) =>
      tx.query(
        `UPDATE intent SET ready_at = ready_at - interval '1 minute'
         WHERE chain_id = $1 AND address = $2 AND ready_at > now()`,
        [lane.chainId, lane.address],
      ),
    );
  const statuses = async () =>
    (
      await store.transaction((tx) =>
        tx.query<{ status: string }>('SELECT status FROM intent WHERE address = $1 ORDER BY arrival', [
          lane.address,
        ]),
      )
    ).map(({ status }) => status);

  it('hide none that came after them, however many there are', async () => {
    for (let n = 0; n < 50; n++) await queue(`cheap-${n}`);
    await queue('dear', { maxFeePerGas: '4000' });
    expect(await advance.step(lane)).toBe(true);
    expect(await statuses()).toEqual([...Array<string>(50).fill('parked'), 'queued']);
    await store.transaction((tx) =>
      tx.query('UPDATE intent SET ready_at = now() WHERE address = $1 AND pauses > 0', [lane.address]),
    );
    await advance.step(lane);
    expect((await statuses()).at(-1)).toBe('signing');
  });

  it('wait twice as long each time, up to ten seconds, and never past their expiry', async () => {
    await queue('cheap');
    for (let n = 0; n < 7; n++) {
      await advance.step(lane);
      await endPauses();
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    now = start + 3_600_000 - 5_000;
    await advance.step(lane);
    expect(pauses.at(-1)).toBe(5_000);
  });

  it('are looked at again at once when they are amended', async () => {
    await queue('cheap');
    await advance.step(lane);
    const amendment = { ...identityOf('cheap'), maxFeePerGas: '4000' };
    await execute('cheap', {
      ...{ kind: 'amend', amendmentHash: hash(2), jws: '', cancel: false },
      value: Buffer.from(JSON.stringify(amendment)).toString('base64'),
    });
    await advance.step(lane);
    expect(await statuses()).toEqual(['signing']);
  });

  it('may be built on by those that came after them, also when both may go and only these are looked at', async () => {
    for (let n = 0; n < 50; n++) await queue(`cheap-${n}`);
    await queue('builds', { data: '0x01', gasLimit: '100000' });
    await advance.step(lane);
    await endPauses();
    await store.transaction((tx) =>
      tx.query(
        `UPDATE intent SET ready_at = now() + interval '1 hour' WHERE address = $1 AND stream_id NOT LIKE '%cheap-7' AND pauses > 0`,
        [lane.address],
      ),
    );
    await advance.step(lane);
    expect((await statuses()).at(-1)).toBe('queued');
  });
});

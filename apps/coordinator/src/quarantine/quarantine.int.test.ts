import { type EventStore, createEventStore } from '@quorate/event-store';
import { createLogger } from '@quorate/platform';
import { streams } from '@quorate/protocol';
import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { COORDINATOR_MIGRATIONS } from '../adapters/migrations';
import { PostgresNodeStandings } from '../adapters/node-standings.postgres';
import { Quarantine } from './quarantine';

jest.setTimeout(60_000);

describe('the quarantine of several coordinators', () => {
  const logger = createLogger('test', 'silent');
  let database: TestDatabase;
  let store: EventStore;
  let now: number;

  beforeAll(async () => {
    database = await createTestDatabase();
    store = await createEventStore({
      url: database.url,
      migrations: COORDINATOR_MIGRATIONS,
      encodeEvent: () => ({ topic: 'unused', key: null, value: Buffer.from('{}'), headers: { jws: '' } }),
      logger,
    });
  });
  beforeEach(() => {
    now = Date.parse('2026-11-21T12:00:00Z');
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });

  const coordinator = () =>
    new Quarantine(store, new PostgresNodeStandings(), { now: () => new Date(now) }, logger);
  const refresh = (quarantine: Quarantine) => store.transaction((tx) => quarantine.refresh(tx));
  const fault = (node: string) => ({ kind: 'fault', node, reason: 'said nothing', now }) as const;
  const eventsOf = async (node: string) => {
    const stored = await store.transaction((tx) => tx.readStreams([streams.node(node)]));
    return (stored.get(streams.node(node)) ?? []).map(({ type }) => type.split('.')[2]);
  };
  /** Each of them sees a fault, whenever the node may be asked again. */
  async function faultsSeenBy(node: string, ...coordinators: Quarantine[]): Promise<void> {
    for (const quarantine of coordinators) {
      await refresh(quarantine);
      quarantine.note(fault(node));
      await quarantine.stop();
      now += 5_000;
    }
  }

  test('what several see of a node adds up to one suspicion, which all of them share', async () => {
    const [first, second, third, fourth] = [coordinator(), coordinator(), coordinator(), coordinator()];
    await faultsSeenBy('node-a', first, second, third);
    expect(await eventsOf('node-a')).toEqual([]);
    await faultsSeenBy('node-a', fourth);
    expect(await eventsOf('node-a')).toEqual(['suspected']);
    await refresh(first);
    expect(first.describe('node-a')).toMatchObject({ suspected: true, reason: 'said nothing' });
    expect(first.isAvoided('node-a')).toBe(true);
    expect(first.suspects()).toEqual(['node-a']);
  });

  test('a coordinator that starts anew knows it, and tells of the recovery once', async () => {
    for (let n = 0; n < 5; n++) {
      await faultsSeenBy('node-b', coordinator());
      now += 3_000;
    }
    expect(await eventsOf('node-b')).toEqual(['suspected']);
    now += 120_000;
    const [one, other] = [coordinator(), coordinator()];
    await refresh(one);
    await refresh(other);
    expect(one.describe('node-b').suspected).toBe(true);
    expect(one.isAvoided('node-b')).toBe(false);
    one.given(['node-b', 'node-c']);
    expect(one.isAvoided('node-b')).toBe(true);
    for (let n = 0; n < 3; n++) {
      for (const quarantine of [one, other]) {
        quarantine.note({ kind: 'work', node: 'node-b', peers: ['node-c'], now: now + n });
      }
    }
    await Promise.all([one.stop(), other.stop()]);
    expect(await eventsOf('node-b')).toEqual(['suspected', 'recovered']);
    await refresh(other);
    expect(other.describe('node-b')).toEqual({ suspected: false, suspectedSince: '', reason: '' });
    expect(other.isAvoided('node-b')).toBe(false);
  });

  test('a node that accuses all others of everything is suspected alone', async () => {
    const quarantine = coordinator();
    for (let n = 0; n < 50; n++, now += 100) {
      for (const peer of ['node-d', 'node-e']) {
        const claim = { kind: 'conflict', points: 1, reason: 'as node-liar says', now } as const;
        quarantine.note({ ...claim, node: 'node-liar', peer });
        quarantine.note({ ...claim, node: peer, peer: 'node-liar' });
      }
    }
    await quarantine.stop();
    expect(await eventsOf('node-liar')).toEqual(['suspected']);
    expect(await eventsOf('node-d')).toEqual([]);
    expect(await eventsOf('node-e')).toEqual([]);
    expect(quarantine.isAvoided('node-d')).toBe(false);
    expect(quarantine.doubts(['node-d', 'node-e'])).toBe(0);
    expect(quarantine.doubts(['node-d', 'node-liar'])).toBeGreaterThan(0);
  });

  test('good work of good nodes is not stored', async () => {
    const quarantine = coordinator();
    expect(quarantine.note({ kind: 'work', node: 'node-f', peers: ['node-g'], now })).toBe(false);
    await quarantine.stop();
    const rows = await store.transaction((tx) =>
      tx.query(`SELECT node FROM node_standing WHERE node = 'node-f'`),
    );
    expect(rows).toEqual([]);
  });
});

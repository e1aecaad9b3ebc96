import { createEventStore, type EventStore, type StoreTransaction } from '@quorate/event-store';
import { createLogger } from '@quorate/platform';

import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { SUBMITTER_MIGRATIONS } from '../adapters/postgres/submitter-migrations';
import { type LaneId, laneName } from './lane';
import { LaneCalls } from './lane-calls';
import { LaneLeases } from './lane-leases';

jest.setTimeout(60_000);

const logger = createLogger('test', 'silent');
const chainId = '31337';
const laneOf = (n: number): LaneId => ({ chainId, address: `0x${String(n).padStart(40, '0')}` });

/** A submitter's leases, as far as tests look at them. */
interface Submitter {
  store: EventStore;
  leases: LaneLeases;
  canWork: boolean;
  taken: string[];
  lost: string[];
}

describe('LaneLeases', () => {
  let database: TestDatabase;
  let submitters: Submitter[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(submitters.map(({ leases }) => leases.stop()));
    await Promise.all(submitters.map(({ store }) => store.close().catch(() => undefined)));
    submitters = [];
    await database.drop();
  });

  const join = async (): Promise<Submitter> => {
    const store = await createEventStore({
      ...{ url: database.url, migrations: SUBMITTER_MIGRATIONS, logger },
      encodeEvent: ({ type, data }) => ({
        ...{ topic: 'events', key: type, headers: { jws: '' } },
        value: Buffer.from(JSON.stringify({ type, ...data })),
      }),
    });
    const taken: string[] = [];
    const lost: string[] = [];
    const leases: LaneLeases = new LaneLeases({
      ...{ store, chainId, logger },
      canWork: () => submitter.canWork,
      onTaken: (lanes) => taken.push(...lanes.map(laneName)),
      onLost: (lanes) => lost.push(...lanes.map(laneName)),
      onFatal: (error) => {
        throw error;
      },
    });
    const submitter: Submitter = { store, leases, canWork: true, taken, lost };
    submitters.push(submitter);
    return submitter;
  };
  const query = async <T extends object>({ store }: Submitter, sql: string): Promise<T[]> =>
    store.transaction((tx) => tx.query<T>(sql));
  /** Lanes with an intent that waits. */
  const open = async (by: Submitter, count: number): Promise<LaneId[]> => {
    const lanes = Array.from({ length: count }, (_, n) => laneOf(n));
    for (const { address } of lanes)
      await query(
        by,
        `INSERT INTO intent (stream_id, requester, intent_id, intent_hash, value, jws, status, chain_id, confirmations, address)
         VALUES ('${address}', 'alice', '${address}', '', '', '', 'queued', '${chainId}', 1, '${address}')`,
      );
    return lanes;
  };
  const heldBy = ({ leases }: Submitter, lanes: LaneId[]) =>
    lanes.filter((lane) => leases.holds(lane)).length;
  /** What is left of a submitter that was paused until its leases had ended. */
  const expire = (submitter: Submitter) =>
    query(
      submitter,
      `UPDATE replica SET alive_until = now() - interval '1 second' WHERE name = '${submitter.leases.holder}'`,
    );
  const guarded = (submitter: Submitter, lane: LaneId, then: (tx: StoreTransaction) => Promise<void>) =>
    submitter.store.transaction(async (tx) => {
      await submitter.leases.guard(tx, lane);
      await then(tx);
    });
  const nothing = () => Promise.resolve();

  it('belong to the one who is alone, and are shared with one that comes', async () => {
    const one = await join();
    const lanes = await open(one, 9);
    await one.leases.lookAround();
    expect(heldBy(one, lanes)).toBe(9);
    const other = await join();
    await other.leases.lookAround();
    expect(heldBy(other, lanes)).toBe(0);
    await one.leases.lookAround();
    await other.leases.lookAround();
    expect([heldBy(one, lanes), heldBy(other, lanes)]).toEqual([5, 4]);
    expect(one.lost.sort()).toEqual(other.taken.sort());
    for (const submitter of [one, other]) await submitter.leases.lookAround();
    expect([heldBy(one, lanes), heldBy(other, lanes)]).toEqual([5, 4]);
  });

  it('end with the time of a paused submitter, whose writes fail from then on', async () => {
    const [one, other] = await Promise.all([join(), join()]);
    const [lane = laneOf(0)] = await open(one, 1);
    await one.leases.lookAround();
    await guarded(one, lane, nothing);
    await expire(one);
    await other.leases.lookAround();
    expect(other.leases.holds(lane)).toBe(true);
    const writing = guarded(one, lane, async (tx) => {
      await tx.query(`UPDATE lane SET next_nonce = 7`);
    });
    await expect(writing).rejects.toMatchObject({ kind: 'conflict', code: 'lease-lost' });
    expect(await query(one, 'SELECT next_nonce, epoch FROM lane')).toEqual([{ next_nonce: '0', epoch: '2' }]);
    expect(one.lost).toEqual([laneName(lane)]);
    await guarded(other, lane, nothing);
  });

  it('are not taken while a write of their holder is under way', async () => {
    const [one, other] = await Promise.all([join(), join()]);
    const [lane = laneOf(0)] = await open(one, 1);
    await one.leases.lookAround();
    await expire(one);
    await guarded(one, lane, async () => {
      await other.leases.lookAround();
      expect(other.leases.holds(lane)).toBe(false);
    });
    await other.leases.lookAround();
    expect(other.leases.holds(lane)).toBe(true);
  });

  it('of one that was taken for dead are lost, also those that nobody took; it begins anew', async () => {
    const [one, other] = await Promise.all([join(), join()]);
    const lanes = await open(one, 1);
    await one.leases.lookAround();
    const { holder } = one.leases;
    other.canWork = false;
    await expire(one);
    await query(one, 'DELETE FROM replica');
    await one.leases.lookAround();
    expect(one.leases.holder).not.toBe(holder);
    expect([one.lost.length, heldBy(one, lanes)]).toEqual([1, 1]);
    expect(await query(one, 'SELECT epoch FROM lane')).toEqual([{ epoch: '2' }]);
  });

  it('end with the connection of a dead submitter, long before its time', async () => {
    const [one, other] = await Promise.all([join(), join()]);
    const lanes = await open(one, 2);
    await one.leases.lookAround();
    await one.store.close();
    await other.leases.lookAround();
    expect(heldBy(other, lanes)).toBe(2);
  });

  it('of one that does not follow the chain are not renewed, and not taken by it', async () => {
    const [one, other] = await Promise.all([join(), join()]);
    const lanes = await open(one, 2);
    one.canWork = false;
    await one.leases.lookAround();
    expect(await one.leases.claim(lanes)).toEqual([]);
    expect(await query(one, 'SELECT FROM replica')).toEqual([]);
    await other.leases.lookAround();
    expect(heldBy(other, lanes)).toBe(2);
  });

  it('are found again after a commit without an answer', async () => {
    const one = await join();
    const [lane = laneOf(0)] = await open(one, 1);
    await one.leases.lookAround();
    await query(one, `UPDATE lane SET holder = '${one.leases.holder}' WHERE address = '${lane.address}'`);
    await query(
      one,
      `INSERT INTO lane (chain_id, address, next_nonce, holder, epoch)
      VALUES ('${chainId}', '${laneOf(7).address}', 3, '${one.leases.holder}', 4)`,
    );
    await query(one, `UPDATE intent SET address = '${laneOf(7).address}'`);
    await one.leases.lookAround();
    await guarded(one, laneOf(7), nothing);
    expect(await query(one, 'SELECT epoch FROM lane ORDER BY address')).toEqual([
      { epoch: '1' },
      { epoch: '4' },
    ]);
  });

  it('let the one who holds a lane hear of it, wherever it was told', async () => {
    const [one, other] = await Promise.all([join(), join()]);
    const [lane = laneOf(0)] = await open(one, 1);
    const heard: string[] = [];
    const callsOf = async ({ store, leases }: Submitter, who: string) => {
      const calls = new LaneCalls({
        ...{ store, chainId, leases, logger },
        onCall: (called) => heard.push(`${who} ${laneName(called)}`),
        onSigned: (hashes) => heard.push(`${who} ${hashes.length} hashes`),
      });
      await calls.start();
      return calls;
    };
    const [ofOne, ofOther] = [await callsOf(one, 'one'), await callsOf(other, 'other')];
    for (const { leases } of [one, other]) await leases.lookAround();
    expect(one.leases.holds(lane)).toBe(true);
    const hash = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;
    for (let n = 0; n < 150; n += 1) ofOther.call(lane, hash(n));
    ofOther.call(laneOf(8));
    await ofOther.stop();
    const told = () => heard.flatMap((text) => /^one (\d+) hashes$/.exec(text)?.[1] ?? []).map(Number);
    const toldInAll = () => told().reduce((sum, count) => sum + count, 0);
    while (toldInAll() < 150) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(Math.max(...told())).toBeLessThanOrEqual(100);
    expect(heard).toContain(`one ${laneName(lane)}`);
    expect(heard).toContain(`other ${laneName(laneOf(8))}`);
    await ofOne.stop();
  });
});

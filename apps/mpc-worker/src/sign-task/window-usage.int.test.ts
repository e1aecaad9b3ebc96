import { randomBytes } from 'node:crypto';
import { createEventStore, type EventStore } from '@quorate/event-store';
import { type Charge, LONGEST_PERIOD_SECONDS } from '@quorate/policy';
import fc from 'fast-check';
import { createTestDatabase } from '../../../../test/integration/database';
import { NODE_MIGRATIONS } from '../database/node-migrations';
import { Admissions, type Candidate } from './admission';
import { type LedgerEntry, spend } from './ledger';
import { SLOT_SECONDS } from './window-usage';

const HOUR = 3600;
const start = new Date('2026-12-01T12:00:00Z');
const at = (seconds: number): Date => new Date(start.getTime() + seconds * 1000);

/** Wei on one chain, at most 10 within an hour and 15 within a day. */
const wei = (amount: bigint): Charge => ({
  ...{ rule: 'value-window', meter: 'value/1', unit: 'wei on chain 1', amount },
  windows: [
    { period: '1h', seconds: HOUR, max: 10n },
    { period: '24h', seconds: 24 * HOUR, max: 15n },
  ],
});

interface Change {
  account?: string;
  requester?: string;
  intentId?: string;
  nonce?: string;
  presignatureId?: Buffer;
}

function entry(requestId: string, charges: readonly Charge[], change: Change = {}): LedgerEntry {
  const { account = 'alice', requester = account, intentId, nonce } = change;
  return {
    request: {
      ...{ requester, requestId, requestHash: Buffer.alloc(32, requestId), correlationId: requestId },
      ...{ keyId: 'k_1', path: 'm', message: Buffer.alloc(32, 2), requestNonce: Buffer.alloc(32, 3) },
      ...{ account, charges, expiresAt: '2100-01-01T00:00:00Z' },
      ...(nonce !== undefined && { transaction: { chain: '1', nonce, payloadHash: Buffer.alloc(32, 4) } }),
      ...(intentId !== undefined && { intent: { requester: account, intentId, expired: false } }),
    },
    address: '0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f',
    presignatureId: change.presignatureId ?? randomBytes(32),
    ownNoncePoint: randomBytes(33),
  };
}

describe('the windows of a node', () => {
  let stores: EventStore[];
  let database: Awaited<ReturnType<typeof createTestDatabase>>;

  const openStore = async (): Promise<EventStore> => {
    const store = await createEventStore({
      url: database.url,
      migrations: NODE_MIGRATIONS,
      encodeEvent: () => ({ topic: 'unused', key: null, value: null, headers: {} }),
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    });
    stores.push(store);
    return store;
  };

  beforeEach(async () => {
    stores = [];
    database = await createTestDatabase();
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    await database.drop();
  });

  /** One commit, as a desk makes it: what is admitted is signed. Returns the rule that refused each, or `signed`. */
  const commit = (store: EventStore, now: Date, ...entries: LedgerEntry[]): Promise<string[]> =>
    store.transaction(async (tx) => {
      const admissions = await Admissions.load(tx, entries, now);
      const verdicts = entries.map((candidate: Candidate) => {
        const refusal = admissions.admit(candidate);
        return refusal?.rule ?? refusal?.code ?? 'signed';
      });
      const signed = entries.filter((_, i) => verdicts[i] === 'signed');
      const charged = admissions.chargesOf(signed.map(({ request }) => request));
      if (signed.length > 0) spend(tx, signed, charged, now);
      return verdicts;
    });

  it('add up over commits and within one, and are full at their limit', async () => {
    const store = await openStore();
    expect(await commit(store, at(0), entry('a', [wei(4n)]), entry('b', [wei(5n)]))).toEqual([
      'signed',
      'signed',
    ]);
    expect(
      await commit(store, at(1), entry('c', [wei(2n)]), entry('d', [wei(1n)]), entry('e', [wei(1n)])),
    ).toEqual(['value-window', 'signed', 'value-window']);
  });

  it('hold after a restart', async () => {
    const before = await openStore();
    expect(await commit(before, at(0), entry('a', [wei(10n)]))).toEqual(['signed']);
    await before.close();
    stores = [];
    expect(await commit(await openStore(), at(1), entry('b', [wei(1n)]))).toEqual(['value-window']);
  });

  it('let one of two racing transactions through, when there is room for one', async () => {
    const [one, other] = [await openStore(), await openStore()];
    const requests = Array.from({ length: 8 }, (_, i) => entry(`r-${i}`, [wei(3n)]));
    const verdicts = await Promise.all(
      requests.map((request, i) => commit(i % 2 === 0 ? one : other, at(0), request)),
    );
    expect(verdicts.flat().filter((verdict) => verdict === 'signed')).toHaveLength(3);
  });

  it('count a request once, whatever the number of its attempts', async () => {
    const store = await openStore();
    const again = () => entry('a', [wei(10n)]);
    expect(await commit(store, at(0), again(), again())).toEqual(['signed', 'signed']);
    expect(await commit(store, at(1), again())).toEqual(['signed']);
    expect(await commit(store, at(1), entry('b', [wei(1n)]))).toEqual(['value-window']);
  });

  it('count an intent once, whatever the number of its requests', async () => {
    const store = await openStore();
    const priced = (requestId: string) =>
      entry(requestId, [wei(10n)], { requester: 'submitter', intentId: 'payout-77', nonce: '5' });
    expect(await commit(store, at(0), priced('a'), priced('b'))).toEqual(['signed', 'signed']);
    expect(await commit(store, at(2 * 24 * HOUR), priced('c'))).toEqual(['signed']);
    const next = entry('d', [wei(10n)], { requester: 'submitter', intentId: 'payout-78', nonce: '6' });
    expect(await commit(store, at(2 * 24 * HOUR), next)).toEqual(['signed']);
  });

  it('count the rungs of a fee ladder as one, when nothing more fits, and when one of them comes later', async () => {
    const store = await openStore();
    const ladder = (name: string, nonce: string) =>
      [0, 1, 2, 3].map((rung) =>
        entry(`${name}-${rung}`, [wei(5n)], { requester: 'submitter', intentId: name, nonce }),
      );
    expect(await commit(store, at(0), ...ladder('payout-1', '1'), ...ladder('payout-2', '2'))).toEqual(
      Array(8).fill('signed'),
    );
    expect(await commit(store, at(1), ...ladder('payout-3', '3'))).toEqual(Array(4).fill('value-window'));
    expect(await commit(store, at(1), ...ladder('payout-1', '1'))).toEqual(Array(4).fill('signed'));
  });

  it('are of the client that the intent is of, not of the submitter', async () => {
    const store = await openStore();
    const forBob = { account: 'bob', requester: 'submitter', intentId: 'x', nonce: '1' };
    expect(await commit(store, at(0), entry('a', [wei(10n)], forBob))).toEqual(['signed']);
    expect(await commit(store, at(0), entry('b', [wei(10n)]))).toEqual(['signed']);
    expect(await commit(store, at(0), entry('c', [wei(1n)], { account: 'bob' }))).toEqual(['value-window']);
  });

  it('count nothing for what was not signed in the end', async () => {
    const store = await openStore();
    await store.transaction(async (tx) => {
      const burnt = entry('a', [wei(10n)]);
      const admissions = await Admissions.load(tx, [burnt], at(0));
      expect(admissions.admit(burnt)).toBeUndefined();
      expect(admissions.chargesOf([])).toEqual([]);
    });
    expect(await commit(store, at(1), entry('b', [wei(10n)]))).toEqual(['signed']);
  });

  it('count nothing for a commit that failed', async () => {
    const store = await openStore();
    const spent = randomBytes(32);
    expect(await commit(store, at(0), entry('a', [], { presignatureId: spent }))).toEqual(['signed']);
    await expect(commit(store, at(0), entry('b', [wei(10n)], { presignatureId: spent }))).rejects.toThrow();
    expect(await commit(store, at(0), entry('c', [wei(10n)]))).toEqual(['signed']);
  });

  it('slide: an amount counts for the whole period, and no longer than a slot more', async () => {
    const store = await openStore();
    expect(await commit(store, at(0), entry('a', [wei(10n)]))).toEqual(['signed']);
    expect(await commit(store, at(HOUR), entry('b', [wei(1n)]))).toEqual(['value-window']);
    expect(await commit(store, at(HOUR + SLOT_SECONDS), entry('c', [wei(5n)]))).toEqual(['signed']);
    expect(await commit(store, at(HOUR + 2 * SLOT_SECONDS), entry('d', [wei(1n)]))).toEqual(['value-window']);
    expect(await commit(store, at(24 * HOUR + SLOT_SECONDS), entry('e', [wei(10n)]))).toEqual(['signed']);
  });

  it('also count what a clock that was set back finds in its future', async () => {
    const store = await openStore();
    expect(await commit(store, at(HOUR), entry('a', [wei(10n)]))).toEqual(['signed']);
    expect(await commit(store, at(-10 * HOUR), entry('b', [wei(1n)]))).toEqual(['value-window']);
  });

  it('agree with a list of everything that was signed', async () => {
    const store = await openStore();
    let round = 0;
    const step = fc.record({
      pause: fc.nat(2 * HOUR),
      amounts: fc.array(fc.bigInt({ min: 1n, max: 6n }), { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const account = `client-${round++}`;
        const signed: { slot: number; amount: bigint }[] = [];
        let seconds = 0;
        for (const [i, { pause, amounts }] of steps.entries()) {
          seconds += pause;
          const slot = (time: number) => Math.floor(time / SLOT_SECONDS);
          const expected = amounts.map((amount) => {
            const fits = [[HOUR, 10n] as const, [24 * HOUR, 15n] as const].every(([length, max]) => {
              const within = signed.filter((before) => before.slot >= slot(seconds - length));
              return within.reduce((sum, before) => sum + before.amount, amount) <= max;
            });
            if (fits) signed.push({ slot: slot(seconds), amount });
            return fits ? 'signed' : 'value-window';
          });
          const entries = amounts.map((amount, n) =>
            entry(`${account}-${i}-${n}`, [wei(amount)], { account }),
          );
          expect(await commit(store, at(seconds), ...entries)).toEqual(expected);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('forget what no window can reach back to', async () => {
    const store = await openStore();
    const rows = () => store.transaction((tx) => tx.query('SELECT slot FROM window_usage'));
    await commit(store, at(0), entry('a', [wei(1n)]));
    await commit(store, at(LONGEST_PERIOD_SECONDS), entry('b', [wei(1n)]));
    expect(await rows()).toHaveLength(2);
    await commit(store, at(LONGEST_PERIOD_SECONDS + SLOT_SECONDS), entry('c', [wei(1n)]));
    expect(await rows()).toHaveLength(2);
  });
});

import { randomBytes } from 'node:crypto';
import { createEventStore, type EventStore } from '@quorate/event-store';
import { NODE_MIGRATIONS } from '../database/node-migrations';
import { createTestDatabase } from '../../../../test/integration/database';
import { Admissions, type Candidate } from './admission';
import { type LedgerEntry, ledgerCount, spend } from './ledger';

const now = new Date('2026-12-01T12:00:00Z');
const address = '0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f';

function entry(change: {
  requestId?: string;
  hash?: Buffer;
  nonce?: string;
  payload?: Buffer;
  intentId?: string;
  expired?: boolean;
  presignatureId?: Buffer;
  noncePoint?: Buffer;
}): LedgerEntry {
  return {
    request: {
      requester: 'alice',
      requestId: change.requestId ?? 'order-1',
      requestHash: change.hash ?? Buffer.alloc(32, 1),
      correlationId: 'order-1',
      keyId: 'k_1',
      path: 'm',
      message: Buffer.alloc(32, 2),
      requestNonce: Buffer.alloc(32, 3),
      expiresAt: '2100-01-01T00:00:00Z',
      account: 'alice',
      charges: [],
      ...(change.nonce !== undefined && {
        transaction: { chain: '1', nonce: change.nonce, payloadHash: change.payload ?? Buffer.alloc(32, 4) },
      }),
      ...(change.intentId !== undefined && {
        intent: { requester: 'bob', intentId: change.intentId, expired: change.expired ?? false },
      }),
    },
    address,
    presignatureId: change.presignatureId ?? randomBytes(32),
    ownNoncePoint: change.noncePoint ?? randomBytes(33),
  };
}

describe('the durable rules of a node', () => {
  let store: EventStore;
  let database: Awaited<ReturnType<typeof createTestDatabase>>;

  beforeEach(async () => {
    database = await createTestDatabase();
    store = await createEventStore({
      url: database.url,
      migrations: NODE_MIGRATIONS,
      encodeEvent: () => ({ topic: 'unused', key: null, value: null, headers: {} }),
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    });
  });
  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  const write = (...entries: LedgerEntry[]) => store.transaction(async (tx) => spend(tx, entries, [], now));
  const admit = (...candidates: Candidate[]) =>
    store.transaction(async (tx) => {
      const admissions = await Admissions.load(tx, candidates, now);
      return candidates.map((candidate) => {
        const refusal = admissions.admit(candidate);
        return refusal?.rule ?? refusal?.code;
      });
    });

  it('spends a presignature once, and a nonce point once', async () => {
    const spent = entry({});
    await write(spent);
    await expect(write(entry({ presignatureId: spent.presignatureId }))).rejects.toThrow();
    await expect(write(entry({ noncePoint: spent.ownNoncePoint }))).rejects.toThrow();
    expect(await store.transaction(ledgerCount)).toBe(1);
  });

  it('gives at most three presignatures to one request, and none to other bytes of its id', async () => {
    await write(entry({}), entry({}), entry({}));
    await expect(admit(entry({}))).resolves.toEqual(['spent-limit']);
    await expect(admit(entry({ hash: Buffer.alloc(32, 9) }))).resolves.toEqual(['request-bound']);
    await expect(admit(entry({ requestId: 'order-2' }))).resolves.toEqual([undefined]);
  });

  it('knows what it answered before', async () => {
    const answered = entry({});
    await write(answered);
    await store.transaction(async (tx) => {
      const admissions = await Admissions.load(tx, [answered], now);
      expect(admissions.wasAnswered(answered)).toBe(true);
      expect(admissions.wasAnswered(entry({}))).toBe(false);
    });
  });

  it('binds one payload to a nonce, across requests and within a batch', async () => {
    await write(entry({ nonce: '5' }));
    const other = { payload: Buffer.alloc(32, 5) };
    await expect(admit(entry({ requestId: 'b', nonce: '5', ...other }))).resolves.toEqual(['nonce-bound']);
    await expect(admit(entry({ requestId: 'b', nonce: '5' }))).resolves.toEqual([undefined]);
    await expect(
      admit(entry({ requestId: 'c', nonce: '6' }), entry({ requestId: 'd', nonce: '6', ...other })),
    ).resolves.toEqual([undefined, 'nonce-bound']);
  });

  it('binds an intent to one nonce, across requests and within a batch', async () => {
    await write(entry({ nonce: '5', intentId: 'payout-77' }));
    await expect(admit(entry({ requestId: 'b', nonce: '6', intentId: 'payout-77' }))).resolves.toEqual([
      'intent-bound',
    ]);
    await expect(admit(entry({ requestId: 'b', nonce: '5', intentId: 'payout-77' }))).resolves.toEqual([
      undefined,
    ]);
    await expect(
      admit(
        entry({ requestId: 'c', nonce: '7', intentId: 'x' }),
        entry({ requestId: 'd', nonce: '8', intentId: 'x' }),
      ),
    ).resolves.toEqual([undefined, 'intent-bound']);
  });

  it('prices an expired intent again where it was signed before, and nowhere else', async () => {
    const expired = { nonce: '5', intentId: 'payout-77', expired: true };
    await expect(admit(entry(expired), entry({ ...expired, requestId: 'b' }))).resolves.toEqual([
      'expired',
      'expired',
    ]);
    await write(entry({ nonce: '5', intentId: 'payout-77' }));
    await expect(admit(entry({ ...expired, requestId: 'b' }))).resolves.toEqual([undefined]);
    await expect(admit(entry({ ...expired, requestId: 'b', nonce: '6' }))).resolves.toEqual(['intent-bound']);
  });
});

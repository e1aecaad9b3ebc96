import { createPublicKey, generateKeyPairSync } from 'node:crypto';

import { createEventStore, type EventStore } from '@quorate/event-store';
import { createLogger, Metrics } from '@quorate/platform';
import {
  type ClientRecordTyp,
  DeadLetters,
  encodeClientRecord,
  recordSigner,
  type TxIntentInput,
  type TxOutcome,
} from '@quorate/protocol';

import { createTestDatabase, type TestDatabase } from '../../../../test/integration/database';
import { SUBMITTER_MIGRATIONS } from '../adapters/postgres/submitter-migrations';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { streamOf } from './events';
import { IntentIntake } from './intent-intake';
import { IntentMemory } from './intent-memory';

jest.setTimeout(60_000);

describe('records that change nothing of an intent', () => {
  const { privateKey } = generateKeyPairSync('ed25519');
  const signer = recordSigner('alice', privateKey);
  const told: Partial<TxOutcome>[] = [];
  const outcomes: OutcomeRecords = {
    encodeOutcome: (outcome) => {
      told.push(outcome as Partial<TxOutcome>);
      return { topic: 'outcomes', key: null, value: Buffer.from(JSON.stringify(outcome)), headers: {} };
    },
    signOutcomeAgain: (record) => record,
    announce: () => undefined,
    decided: () => undefined,
  };
  const intent: TxIntentInput = {
    ...{ intentId: 'i-1', requester: 'alice', keyId: `k_${'1'.repeat(64)}`, chainId: '31337' },
    ...{ to: `0x${'35'.repeat(20)}`, value: '1', data: '0x' },
    ...{ maxFeePerGas: '1', maxCost: '100000', expiresAt: '2099-01-01T00:00:00Z' },
  };
  const foreign = `k_${'2'.repeat(64)}`;
  let database: TestDatabase;
  let store: EventStore;
  let intake: IntentIntake;

  beforeAll(async () => {
    database = await createTestDatabase();
    store = await createEventStore({
      ...{ url: database.url, migrations: SUBMITTER_MIGRATIONS, logger: createLogger('test', 'silent') },
      encodeEvent: ({ type, data }) => ({
        ...{ topic: 'events', key: type, headers: { jws: '' } },
        value: Buffer.from(JSON.stringify({ type, ...data })),
      }),
    });
    intake = new IntentIntake({
      ...{ chainId: '31337', outcomesTopic: 'outcomes', outcomes, memory: new IntentMemory() },
      requesters: () => ({ publicKey: createPublicKey(privateKey), role: 'client' }),
      keys: { find: () => undefined },
      mayUse: (_, keyId) => keyId !== foreign,
      deadLetters: new DeadLetters('dead', 'submitter', () => Date.now(), new Metrics('test')),
      ...{ wakeLane: () => undefined, now: () => Date.now() },
    });
  });
  afterAll(async () => {
    await store.close();
    await database.drop();
  });
  beforeEach(() => told.splice(0));

  let offset = 0n;
  const record = (data: object, typ: ClientRecordTyp = 'tx-intent') => ({
    ...encodeClientRecord({ typ, data, key: 'i', time: new Date() }, signer),
    ...{ topic: 'tx.intents', partition: 0, offset: String((offset += 1n)), timestamp: new Date() },
  });
  const handle = (...records: ReturnType<typeof record>[]) =>
    store.transaction((tx) => intake.handle(tx, records as never));
  const streamLength = async (intentId: string) => {
    const streamId = streamOf({ requester: 'alice', intentId });
    return (await store.transaction((tx) => tx.readVersions([streamId]))).get(streamId);
  };

  it('are answered once when a batch holds them twice, and again by the same bytes later', async () => {
    await handle(record(intent));
    const other = record({ ...intent, value: '2' });
    await handle(other, other);
    expect(told).toEqual([expect.objectContaining({ code: 'conflict' })]);
    await handle(other);
    expect(told).toHaveLength(1);
    const early = record({ requester: 'alice', intentId: 'nobody', cancel: true }, 'tx-amend');
    await handle(early, early);
    expect(told.map(({ code }) => code)).toEqual(['conflict', 'unknown-intent']);
  });

  it('are refused where the requester has nothing to do with the key', async () => {
    await handle(record({ ...intent, intentId: 'i-2', keyId: foreign }));
    expect(told).toEqual([expect.objectContaining({ type: 'quorate.tx.rejected.v1', code: 'unauthorized' })]);
    expect(told[0]?.reason).toBe(`alice may not use key ${foreign} here`);
  });

  it.each([
    ['conflicts', (n: number) => record({ ...intent, intentId: 'long-1', value: String(n + 2) })],
    ['what is no intent', (n: number) => record({ ...intent, intentId: 'long-2', value: `0x${n}` })],
    [
      'amendments of what is unknown',
      (n: number) =>
        record({ requester: 'alice', intentId: 'long-3', maxFeePerGas: String(n + 2) }, 'tx-amend'),
    ],
  ])('are all answered, and make no stream long: %s', async (_, make) => {
    if (make(0).value.includes('long-1')) await handle(record({ ...intent, intentId: 'long-1' }));
    for (let n = 0; n < 200; n += 10) await handle(...Array.from({ length: 10 }, (__, i) => make(n + i)));
    expect(told.map(({ type }) => type)).toEqual(Array(200).fill('quorate.tx.rejected.v1'));
    const [{ intentId = '' } = {}] = told;
    expect(await streamLength(intentId)).toBeLessThan(80);
    const again = make(150);
    await handle(again);
    expect(told).toHaveLength(200);
  });
});

import { createEventStore, type EventStore } from '@quorate/event-store';
import { silentLogger } from '@quorate/messaging';

import { createTestDatabase, type TestDatabase } from '../../../../../test/integration/database';
import { ChainIdentityTable } from './chain-identity-table';
import { RememberChainIdentity1767500000000 } from './remember-chain-identity';

describe('ChainIdentityTable', () => {
  let database: TestDatabase;
  let store: EventStore;

  beforeAll(async () => {
    database = await createTestDatabase();
    store = await createEventStore({
      ...{ url: database.url, migrations: [RememberChainIdentity1767500000000], logger: silentLogger },
      encodeEvent: () => {
        throw new Error('no events here');
      },
    });
  });
  afterAll(async () => {
    await store?.close();
    await database?.drop();
  });

  it('remembers the first that was told, of each chain, whoever else comes at the same time', async () => {
    const table = new ChainIdentityTable(store);
    expect(await table.genesisHash('1')).toBeUndefined();
    const answers = await Promise.all(['0xa', '0xb', '0xc'].map((hash) => table.rememberGenesis('1', hash)));
    expect(new Set(answers).size).toBe(1);
    expect(await table.genesisHash('1')).toBe(answers[0]);
    expect(await table.rememberGenesis('1', '0xd')).toBe(answers[0]);
    expect(await table.rememberGenesis('2', '0xd')).toBe('0xd');
  });
});

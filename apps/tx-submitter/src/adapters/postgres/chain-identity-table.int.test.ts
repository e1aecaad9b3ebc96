import { createEventStore, type EventStore } from '@quorate/event-store';
import { silentLogger } from '@quorate/messaging';

import { createTestDatabase, type TestDatabase } from '../../../../../test/integration/database';
import { ChainIdentityTable } from './chain-identity-table';
import { RememberChainIdentity1767500000000 } from './remember-chain-identity';
import { RememberFinalBlock1795300000000 } from './remember-final-block';

describe('ChainIdentityTable', () => {
  let database: TestDatabase;
  let store: EventStore;

  beforeAll(async () => {
    database = await createTestDatabase();
    store = await createEventStore({
      ...{
        url: database.url,
        migrations: [RememberChainIdentity1767500000000, RememberFinalBlock1795300000000],
        logger: silentLogger,
      },
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

  it('remembers the highest final block of each chain until it is told to forget it', async () => {
    const table = new ChainIdentityTable(store);
    await Promise.all(['3', '4'].map((chain) => table.rememberGenesis(chain, '0xa')));
    expect(await table.finalBlock('3')).toBeUndefined();
    await table.rememberFinal('3', { number: 8, hash: '0x08' });
    await table.rememberFinal('3', { number: 7, hash: '0x07' });
    expect(await table.finalBlock('3')).toEqual({ number: 8, hash: '0x08' });
    expect(await table.finalBlock('4')).toBeUndefined();
    await table.forgetFinal('3');
    expect(await table.finalBlock('3')).toBeUndefined();
    await table.rememberFinal('3', { number: 2, hash: '0x02' });
    expect(await table.finalBlock('3')).toEqual({ number: 2, hash: '0x02' });
  });
});

import { type EventStore, type NewEvent, type StoreTransaction } from '@quorate/event-store';
import { type SendVerdict } from '@quorate/evm';
import { createLogger, Unavailable } from '@quorate/platform';

import { ChainRecorder } from './chain-recorder';

const hash = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;
const ambiguous: SendVerdict = { kind: 'ambiguous', message: 'timeout', endpointFailed: true };
const underpriced: SendVerdict = {
  kind: 'rejected',
  reason: 'underpriced',
  message: 'transaction underpriced',
};

describe('the record of a chain', () => {
  let lots: NewEvent[][];
  let fails: boolean;
  let recorder: ChainRecorder;

  beforeEach(() => {
    jest.useFakeTimers();
    lots = [];
    fails = false;
    const tx = {
      appendNext: (stream: string, events: NewEvent[]) => {
        expect(stream).toBe('chain:31337');
        if (fails) throw new Unavailable('database');
        lots.push(events);
      },
    } as Partial<StoreTransaction> as StoreTransaction;
    const store = { transaction: async (work: (tx: StoreTransaction) => unknown) => work(tx) };
    recorder = new ChainRecorder({
      ...{ store: store as Partial<EventStore> as EventStore, chainId: '31337' },
      logger: createLogger('test', 'silent'),
      onFatal: (error) => {
        throw error;
      },
    });
  });
  afterEach(() => jest.useRealTimers());

  const pass = () => jest.advanceTimersByTimeAsync(5_000);
  const written = () => lots.flat().map(({ type, data }) => ({ type, ...data }));
  const change = (from: 'healthy' | 'down', to: 'healthy' | 'down', endpoint = 'a:1') =>
    recorder.note({ kind: 'state', endpoint, from, to, reason: to });
  const answer = (n: number, verdict: SendVerdict, endpoint = 'a:1') =>
    recorder.note({ kind: 'answer', endpoint, hash: hash(n), verdict, milliseconds: 7 });

  it('tells in one lot what became of each endpoint, not how often it changed', async () => {
    change('healthy', 'down');
    change('down', 'healthy');
    change('healthy', 'down', 'b:2');
    change('down', 'healthy', 'b:2');
    change('healthy', 'down', 'b:2');
    await pass();
    expect(written()).toEqual([
      {
        type: 'quorate.tx.endpoint-state-changed.v1',
        ...{ chainId: '31337', endpoint: 'b:2', from: 'healthy', to: 'down', reason: 'down' },
      },
    ]);
    await pass();
    expect(lots).toHaveLength(1);
  });

  it('tells once what an endpoint says of a transaction, by class, code and fingerprint', async () => {
    for (let n = 0; n < 3; n += 1) answer(1, underpriced);
    answer(1, ambiguous);
    answer(1, ambiguous, 'b:2');
    await pass();
    expect(written()).toEqual([
      expect.objectContaining({ endpoint: 'a:1', class: 'rejected', code: 'underpriced', milliseconds: 7 }),
      expect.objectContaining({ endpoint: 'a:1', class: 'ambiguous' }),
      expect.objectContaining({ endpoint: 'b:2', class: 'ambiguous' }),
    ]);
    expect(written()[0]).toHaveProperty('fingerprint', expect.stringMatching(/^[0-9a-f]{8}$/));
    expect(JSON.stringify(lots)).not.toContain('transaction underpriced');
  });

  it('has bounds for one transaction, and for all together', async () => {
    for (let n = 0; n < 40; n += 1) answer(1, n % 2 === 0 ? underpriced : ambiguous);
    await pass();
    expect(written()).toHaveLength(8);
    for (let n = 2; n < 1_000; n += 1) answer(n, ambiguous);
    recorder.note({ kind: 'suspect', cause: 'finality', reason: 'why' });
    await pass();
    expect(lots[1]).toHaveLength(101);
    expect(lots[1]?.at(-1)).toMatchObject({ type: 'quorate.tx.chain-suspect.v1' });
  });

  it('counts what an endpoint lost, and names some', async () => {
    for (let n = 0; n < 500; n += 1) recorder.note({ kind: 'evicted', endpoint: 'a:1', hash: hash(n) });
    await pass();
    expect(written()).toMatchObject([{ type: 'quorate.tx.evicted.v1', endpoint: 'a:1', count: 500 }]);
    expect(written()[0]).toHaveProperty(
      'hashes',
      Array.from({ length: 20 }, (_, n) => hash(n)),
    );
  });

  it('writes later what it could not write, and the rest at the end', async () => {
    fails = true;
    recorder.note({ kind: 'trusted', cause: 'finality', by: 'operator' });
    await pass();
    fails = false;
    await pass();
    expect(written()).toMatchObject([{ type: 'quorate.tx.chain-trusted.v1', by: 'operator' }]);
    recorder.noteForeignNonce({
      ...{ requester: 'alice', intentId: 'i', chainId: '31337' },
      ...{ from: `0x${'35'.repeat(20)}`, nonce: '7' },
    });
    await recorder.stop();
    expect(written().at(-1)).toMatchObject({ type: 'quorate.tx.nonce-foreign-suspected.v1', nonce: '7' });
    expect(jest.getTimerCount()).toBe(0);
  });
});

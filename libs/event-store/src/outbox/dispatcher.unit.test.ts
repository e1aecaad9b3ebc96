import { type OutgoingRecord, silentLogger } from '@quorate/messaging';
import { Dispatcher } from './dispatcher';

describe('Dispatcher', () => {
  let sent: string[][];
  let dispatcher: Dispatcher;

  beforeEach(async () => {
    jest.useFakeTimers();
    sent = [];
    const table = {
      oldest: () => Promise.resolve([]),
      remove: () => Promise.resolve(),
      backendRuns: () => Promise.resolve(false),
    };
    const producer = {
      send: (records: OutgoingRecord[]) => {
        sent.push(records.map(({ topic }) => topic));
        return Promise.resolve();
      },
    };
    dispatcher = new Dispatcher(table, producer, silentLogger, undefined);
    dispatcher.start();
    await jest.advanceTimersByTimeAsync(0);
  });

  afterEach(async () => {
    await dispatcher.stop();
    jest.useRealTimers();
  });

  function handOver(id: bigint, topic: string, isUnhurried?: boolean): void {
    dispatcher.handOver({ id, records: [{ topic, key: null, value: null, headers: {} }], isUnhurried });
  }

  it('publishes at once what somebody waits for, and the events before it in the same request', async () => {
    handOver(1n, 'event-1', true);
    handOver(2n, 'event-2', true);
    await jest.advanceTimersByTimeAsync(5);
    expect(sent).toEqual([]);
    handOver(3n, 'final');
    await jest.advanceTimersByTimeAsync(0);
    expect(sent).toEqual([['event-1', 'event-2', 'final']]);
  });

  it('publishes events that nothing follows together, after a moment', async () => {
    handOver(1n, 'event-1', true);
    await jest.advanceTimersByTimeAsync(15);
    handOver(2n, 'event-2', true);
    await jest.advanceTimersByTimeAsync(15);
    expect(sent).toEqual([['event-1', 'event-2']]);
    handOver(3n, 'event-3', true);
    await jest.advanceTimersByTimeAsync(15);
    expect(sent).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(15);
    expect(sent).toHaveLength(2);
  });

  it('waits for nothing when it is drained', async () => {
    handOver(1n, 'event-1', true);
    const drained = dispatcher.drain(5_000);
    await jest.advanceTimersByTimeAsync(0);
    await drained;
    expect(sent).toEqual([['event-1']]);
  });
});

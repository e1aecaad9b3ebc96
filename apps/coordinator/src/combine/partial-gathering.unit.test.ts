import { InboxFenced } from '@quorate/event-store';
import { type Batch, type LogRecord } from '@quorate/messaging';
import { type PartialRecord } from '@quorate/protocol';
import { PartialGathering } from './partial-gathering';
import { type PartialReading } from './partial-reader';

const COMMITTEE = ['node-1', 'node-2'];

/** A record whose value says what it is: "share REQUEST NODE", "refusal REQUEST NODE" or "junk". */
function record(offset: number, value: string, partition = 0): LogRecord {
  const topic = 'mpc.partials';
  return {
    topic,
    partition,
    offset: BigInt(offset),
    key: null,
    value: Buffer.from(value),
    headers: {},
    timestamp: 0,
  };
}

function read({ value }: LogRecord): PartialReading {
  const [what, requestId, node] = String(value).split(' ');
  if (what === 'junk') return { ok: false, code: 'bad-signature', reason: 'junk' };
  const type = what === 'share' ? 'quorate.sign.partial.v1' : 'quorate.sign.refused.v1';
  const data = { type, requester: 'alice', requestId, node, attempt: 1 };
  return { ok: true, data: data as unknown as PartialRecord };
}

function batch(...records: LogRecord[]): Batch {
  const [first] = records;
  const last = records.at(-1);
  if (first === undefined || last === undefined) throw new Error('a batch has records');
  const { topic, partition, offset } = first;
  const nextOffset = last.offset + 1n;
  return { topic, partition, firstOffset: offset, records, nextOffset, highWatermark: nextOffset };
}

interface Handled {
  partition: number;
  first: number;
  values: string[];
  next: number;
}

function gathering(options: { unknown?: string } = {}) {
  const handled: Handled[][] = [];
  const failures: Error[] = [];
  const positions: { inbox: bigint | 'earliest' } = { inbox: 'earliest' };
  const gather = new PartialGathering(
    { read },
    (streamId) =>
      options.unknown !== undefined && streamId.endsWith(options.unknown) ? undefined : COMMITTEE,
    (batches) => {
      const failure = failures.shift();
      if (failure !== undefined) return Promise.reject(failure);
      handled.push(
        batches.map(({ partition, firstOffset, records, nextOffset }) => ({
          partition,
          first: Number(firstOffset),
          values: records.map(({ value }) => String(value)),
          next: Number(nextOffset),
        })),
      );
      return Promise.resolve();
    },
    () => Promise.resolve(positions.inbox),
    () => undefined,
  );
  return { gather, handled, failures, positions };
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

describe('gathering the shares of an attempt', () => {
  test('one share waits for the other, and both are handled together', async () => {
    const { gather, handled } = gathering();
    await gather.take([batch(record(5, 'share a node-1'))]);
    expect(handled).toEqual([]);
    await gather.take([batch(record(6, 'share a node-2'))]);
    expect(handled).toEqual([
      [{ partition: 0, first: 5, values: ['share a node-1', 'share a node-2'], next: 7 }],
    ]);
  });

  test('the inbox stays before a share that waits, also when later ones are handled', async () => {
    const { gather, handled } = gathering();
    await gather.take([
      batch(record(5, 'share a node-1'), record(6, 'share b node-1'), record(7, 'share b node-2')),
    ]);
    expect(handled).toEqual([
      [{ partition: 0, first: 5, values: ['share b node-1', 'share b node-2'], next: 5 }],
    ]);
    await gather.take([batch(record(8, 'share a node-2'))]);
    expect(handled[1]).toEqual([
      { partition: 0, first: 5, values: ['share a node-1', 'share a node-2'], next: 9 },
    ]);
  });

  test('refusals, junk and shares of unknown attempts do not wait', async () => {
    const { gather, handled } = gathering({ unknown: ':x' });
    for (const [n, value] of ['refusal a node-1', 'junk', 'share x node-1'].entries()) {
      await gather.take([batch(record(n + 1, value))]);
      await jest.advanceTimersByTimeAsync(0);
    }
    expect(handled.flat().map(({ next }) => next)).toEqual([2, 3, 4]);
  });

  test('what comes alone is read after the next records were asked for, and tried again when it fails', async () => {
    const { gather, handled, failures } = gathering();
    failures.push(new Error('the database is away'));
    await gather.take([batch(record(1, 'refusal a node-1'))]);
    expect(failures).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(0);
    expect([failures, handled]).toEqual([[], []]);
    await jest.advanceTimersByTimeAsync(501);
    expect(handled).toEqual([[{ partition: 0, first: 1, values: ['refusal a node-1'], next: 2 }]]);
    await gather.stop();
  });

  test('a share whose other half does not come is handled after the patience', async () => {
    const { gather, handled } = gathering();
    await gather.take([batch(record(5, 'share a node-1'))]);
    await jest.advanceTimersByTimeAsync(151);
    expect(handled).toEqual([[{ partition: 0, first: 5, values: ['share a node-1'], next: 6 }]]);
    await gather.stop();
    expect(jest.getTimerCount()).toBe(0);
  });

  test.each([6, -6])('the patience goes by timers, not by a clock that is set by %d hours', async (hours) => {
    const { gather, handled } = gathering();
    await gather.take([batch(record(5, 'share a node-1'))]);
    jest.setSystemTime(Date.now() + hours * 3_600_000);
    await gather.take([batch(record(1, 'junk', 1))]);
    expect(handled.flat()).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(151);
    expect(handled.flat().flatMap(({ values }) => values)).toEqual(['junk', 'share a node-1']);
  });

  test('what cannot be handled is handled when it comes again, with what waited', async () => {
    const { gather, handled, failures } = gathering();
    await gather.take([batch(record(5, 'share a node-1'))]);
    failures.push(new Error('the database is away'));
    const second = batch(record(6, 'share a node-2'));
    await expect(gather.take([second])).rejects.toThrow('away');
    await gather.take([second]);
    expect(handled.flat().flatMap(({ values }) => values)).toEqual(['share a node-1', 'share a node-2']);
  });

  test('what waits is tried again by itself after a failure', async () => {
    const { gather, handled, failures } = gathering();
    await gather.take([batch(record(5, 'share a node-1'))]);
    failures.push(new Error('the database is away'));
    await jest.advanceTimersByTimeAsync(151);
    expect(handled).toEqual([]);
    await jest.advanceTimersByTimeAsync(500);
    expect(handled.flat()).toHaveLength(1);
  });

  test('partitions that another coordinator reads are forgotten', async () => {
    const { gather, handled } = gathering();
    await gather.take([batch(record(5, 'share a node-1')), batch(record(1, 'share b node-1', 1))]);
    gather.forget([0, 1]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(handled).toEqual([]);
  });

  test('after a commit whose outcome was lost, it goes on from where the inbox stands', async () => {
    const { gather, handled, failures, positions } = gathering();
    await gather.take([batch(record(5, 'share a node-1'), record(6, 'share b node-1'))]);
    failures.push(new InboxFenced());
    positions.inbox = 6n;
    const second = batch(record(7, 'share a node-2'));
    await expect(gather.take([second])).rejects.toThrow(InboxFenced);
    // The subscription reads again from the inbox's position.
    await gather.take([batch(record(6, 'share b node-1'), record(7, 'share a node-2'))]);
    await gather.take([batch(record(8, 'share b node-2'))]);
    expect(handled).toEqual([
      [{ partition: 0, first: 6, values: ['share b node-1', 'share b node-2'], next: 7 }],
    ]);
  });
});

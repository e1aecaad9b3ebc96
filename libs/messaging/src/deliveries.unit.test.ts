import { Deliveries } from './deliveries';
import { type Batch } from './message-log.port';

const wanted = () => true;

function batch(partition: number, records = 1, bytes = 1): Batch {
  return {
    topic: 't',
    partition,
    firstOffset: 0n,
    nextOffset: BigInt(records),
    highWatermark: 0n,
    records: Array.from({ length: records }, (_, index) => ({
      topic: 't',
      partition,
      offset: BigInt(index),
      key: null,
      value: Buffer.alloc(bytes),
      headers: {},
      timestamp: 0,
    })),
  };
}

describe('Deliveries', () => {
  let calls: { partitions: number[]; finish: (error?: Error) => void }[];
  let deliveries: Deliveries;

  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
  const partitions = () => calls.map((call) => call.partitions);

  beforeEach(() => {
    calls = [];
    deliveries = new Deliveries(
      (batches) =>
        new Promise((resolve, reject) => {
          const finish = (error?: Error) => (error === undefined ? resolve() : reject(error));
          calls.push({ partitions: batches.map(({ partition }) => partition), finish });
        }),
    );
  });

  it('hands over together what comes in the same moment', async () => {
    const all = [0, 1, 2].map((partition) => deliveries.deliver(batch(partition), 0, wanted));
    await settled();
    expect(partitions()).toEqual([[0, 1, 2]]);
    calls[0]?.finish();
    expect(await Promise.all(all)).toEqual([true, true, true]);
  });

  it('lets what comes meanwhile gather until the handler is free', async () => {
    const first = deliveries.deliver(batch(0), 0, wanted);
    await settled();
    void deliveries.deliver(batch(1), 0, wanted);
    await settled();
    void deliveries.deliver(batch(2), 0, wanted);
    await settled();
    expect(partitions()).toEqual([[0]]);
    calls[0]?.finish();
    await first;
    await settled();
    expect(partitions()).toEqual([[0], [1, 2]]);
  });

  it.each([
    ['500 records', [batch(0, 300), batch(1, 200), batch(2, 1)]],
    ['4 MiB', [batch(0, 1, 3 << 20), batch(1, 1, 1 << 20), batch(2)]],
  ])('hands over at most %s', async (_limit, batches) => {
    for (const one of batches) void deliveries.deliver(one, 0, wanted);
    await settled();
    calls[0]?.finish();
    await settled();
    expect(partitions()).toEqual([[0, 1], [2]]);
  });

  it('hands over a single batch whatever its size', async () => {
    void deliveries.deliver(batch(0, 1, 5 << 20), 0, wanted);
    await settled();
    expect(partitions()).toEqual([[0]]);
  });

  it('tells all of them when the handler fails, and hands them over together once more', async () => {
    const all = [0, 1].map((partition) => deliveries.deliver(batch(partition), 0, wanted));
    await settled();
    calls[0]?.finish(new Error('no'));
    const outcomes = await Promise.allSettled(all);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    for (const partition of [0, 1]) void deliveries.deliver(batch(partition), 1, wanted);
    await settled();
    expect(partitions()).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('hands over alone what has failed twice', async () => {
    void deliveries.deliver(batch(0), 0, wanted);
    void deliveries.deliver(batch(1), 2, wanted);
    void deliveries.deliver(batch(2), 0, wanted);
    await settled();
    calls[0]?.finish();
    await settled();
    expect(partitions()).toEqual([[0, 2], [1]]);
  });

  it('leaves out what is not wanted any more when its turn comes', async () => {
    void deliveries.deliver(batch(0), 0, wanted);
    await settled();
    let revoked = false;
    const waiting = deliveries.deliver(batch(1), 0, () => !revoked);
    revoked = true;
    calls[0]?.finish();
    expect(await waiting).toBe(false);
    expect(partitions()).toEqual([[0]]);
  });
});

import { randomUUID } from 'node:crypto';
import { Invalid, Unavailable } from '@quorate/platform';
import {
  type Batch,
  type LogProducer,
  type MessageLog,
  type OutgoingRecord,
  type StartPosition,
} from '../message-log.port';
import { until } from '../../../../test/integration/until';

export function record(topic: string, text: string, partition?: number): OutgoingRecord {
  return {
    topic,
    key: text,
    value: Buffer.from(text),
    headers: { kind: 'test', bytes: Buffer.from([0, 255]) },
    partition,
  };
}

export function texts(batches: readonly Batch[]): string[] {
  return batches.flatMap((batch) => batch.records.map(({ value }) => value?.toString() ?? ''));
}

/** What every message log promises; run against each implementation. */
export function messageLogContract(open: () => MessageLog): void {
  let log: MessageLog;
  let producer: LogProducer;
  let topic: string;

  beforeAll(async () => {
    log = open();
    producer = await log.producer();
  });

  beforeEach(async () => {
    topic = `contract.${randomUUID()}`;
    await log.ensureTopics([{ topic, partitions: 2 }]);
  });

  afterAll(() => log.close());

  /** Reads into a list of batches. */
  async function read(
    start: StartPosition,
    handle: (batch: Batch) => Promise<void> = () => Promise.resolve(),
    group = randomUUID(),
  ) {
    const batches: Batch[] = [];
    const assignments: number[][] = [];
    const running = await log.subscribe({
      topic,
      group,
      start,
      handle: async (arrived) => {
        for (const batch of arrived) {
          await handle(batch);
          batches.push(batch);
        }
      },
      onAssigned: (partitions) => assignments.push(partitions),
    });
    await running.assigned;
    return { batches, assignments, running, group };
  }

  it('delivers every record with key, value and headers, in order per partition', async () => {
    const { batches, running } = await read('earliest');
    await producer.send(Array.from({ length: 20 }, (_, index) => record(topic, `r${index}`, index % 2)));
    await running.caughtUp();

    const even = texts(batches.filter((batch) => batch.partition === 0));
    expect(even).toEqual(Array.from({ length: 10 }, (_, index) => `r${2 * index}`));
    expect(texts(batches).length).toBe(20);
    const first = batches.find((batch) => batch.partition === 0)?.records[0];
    expect(first).toMatchObject({ topic, partition: 0, offset: 0n, key: Buffer.from('r0') });
    expect(first?.headers['kind']?.toString()).toBe('test');
    expect(first?.headers['bytes']).toEqual(Buffer.from([0, 255]));
    await running.stop();
  });

  it('sends records of the same key to the same partition, in order', async () => {
    const { batches, running } = await read('earliest');
    await producer.send(['a', 'b', 'c'].map((text) => ({ ...record(topic, text), key: 'same' })));
    await running.caughtUp();
    expect(new Set(batches.map((batch) => batch.partition)).size).toBe(1);
    expect(texts(batches)).toEqual(['a', 'b', 'c']);
    await running.stop();
  });

  it('starts exactly at the position it is given, whatever the group read before', async () => {
    await producer.send(Array.from({ length: 8 }, (_, index) => record(topic, `r${index}`, 0)));
    const before = await read('earliest');
    await before.running.caughtUp();
    await before.running.stop();

    const again = await read(
      (partition) => Promise.resolve(partition === 0 ? 5n : 'earliest'),
      undefined,
      before.group,
    );
    await again.running.caughtUp();
    expect(again.batches[0]?.firstOffset).toBe(5n);
    expect(texts(again.batches)).toEqual(['r5', 'r6', 'r7']);
    expect(again.batches.at(-1)?.nextOffset).toBe(8n);
    await again.running.stop();
  });

  it('goes on where the group stopped when no position is given', async () => {
    await producer.send([record(topic, 'one', 0), record(topic, 'two', 0)]);
    const before = await read('earliest');
    await before.running.caughtUp();
    await before.running.stop();
    await producer.send([record(topic, 'three', 0)]);
    const after = await read('earliest', undefined, before.group);
    await after.running.caughtUp();
    expect(texts(after.batches)).toEqual(['three']);
    await after.running.stop();
  });

  it('reads only what comes after the assignment when it starts at the latest', async () => {
    await producer.send([record(topic, 'old', 0)]);
    const { batches, running } = await read('latest');
    await producer.send([record(topic, 'new', 0)]);
    await running.caughtUp();
    expect(texts(batches)).toEqual(['new']);
    await running.stop();
  });

  it('delivers the same batch again while its handler is unavailable, and nothing newer before', async () => {
    await producer.send([record(topic, 'one', 0)]);
    const attempts: string[][] = [];
    const { batches, running } = await read('earliest', async (batch) => {
      attempts.push(texts([batch]));
      if (attempts.length <= 6) throw new Unavailable('test', 'not now');
    });
    await producer.send([record(topic, 'two', 0)]);
    await running.caughtUp();
    expect(texts(batches)).toEqual(['one', 'two']);
    expect(attempts.slice(0, 7).every((attempt) => attempt[0] === 'one')).toBe(true);
    await running.stop();
  });

  it('asks for the position again when the inbox is fenced', async () => {
    await producer.send(Array.from({ length: 4 }, (_, index) => record(topic, `r${index}`, 0)));
    let position = 0n;
    const { batches, running } = await read(
      (partition) => Promise.resolve(partition === 0 ? position : 'earliest'),
      async () => {
        if (position > 0n) return;
        position = 3n;
        throw new Unavailable('inbox-fenced', 'somebody else was here');
      },
    );
    await running.caughtUp();
    expect(texts(batches)).toEqual(['r3']);
    expect(batches[0]?.firstOffset).toBe(3n);
    await running.stop();
  });

  it('waits for a start position that is not available yet', async () => {
    await producer.send([record(topic, 'one', 0)]);
    let asked = 0;
    const { batches, running } = await read(async () => {
      asked += 1;
      if (asked < 3) throw new Unavailable('test', 'database away');
      return 'earliest';
    });
    await running.caughtUp();
    expect(texts(batches)).toEqual(['one']);
    await running.stop();
  });

  it('hands over together what several partitions have', async () => {
    await producer.send([record(topic, 'a', 0), record(topic, 'b', 1), record(topic, 'c', 1)]);
    const calls: string[][] = [];
    const running = await log.subscribe({
      topic,
      group: randomUUID(),
      start: 'earliest',
      handle: async (batches) => {
        calls.push(batches.flatMap((batch) => [`partition ${batch.partition}`, ...texts([batch])]).sort());
      },
    });
    await running.caughtUp();
    expect(calls).toEqual([['a', 'b', 'c', 'partition 0', 'partition 1']]);
    await running.stop();
  });

  it('goes on with the other partitions while the batch of one fails', async () => {
    await producer.send([record(topic, 'bad', 0), record(topic, 'a', 1)]);
    let failing = true;
    const handled: string[] = [];
    const running = await log.subscribe({
      topic,
      group: randomUUID(),
      start: 'earliest',
      handle: async (batches) => {
        if (failing && texts(batches).includes('bad')) throw new Unavailable('test', 'not now');
        handled.push(...texts(batches));
      },
    });
    await until(() => handled.length === 1);
    await producer.send([record(topic, 'b', 1)]);
    await until(() => handled.length === 2);
    expect(handled).toEqual(['a', 'b']);
    failing = false;
    await running.caughtUp();
    expect(handled).toEqual(['a', 'b', 'bad']);
    await running.stop();
  });

  it('handles nothing of a partition that went to another member while its batch waited', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const handled: Record<string, string[]> = { one: [], two: [] };
    const group = randomUUID();
    const positions = new Map<number, bigint>();
    const member = async (name: string, wait: Promise<void>) => {
      const running = await log.subscribe({
        topic,
        group,
        start: (partition) => Promise.resolve(positions.get(partition) ?? 'earliest'),
        handle: async (batches) => {
          handled[name]?.push(...texts(batches));
          for (const { partition, nextOffset } of batches) positions.set(partition, nextOffset);
          await wait;
        },
      });
      await running.assigned;
      return running;
    };
    const one = await member('one', released);
    await producer.send([record(topic, 'a', 0)]);
    await until(() => handled['one']?.length === 1);
    await producer.send([record(topic, 'b', 1)]);
    const joining = member('two', Promise.resolve());
    await new Promise((resolve) => setTimeout(resolve, 50));
    release();
    const two = await joining;
    await Promise.all([one.caughtUp(), two.caughtUp()]);
    expect([...(handled['one'] ?? []), ...(handled['two'] ?? [])].sort()).toEqual(['a', 'b']);
    await Promise.all([one.stop(), two.stop()]);
  });

  it('divides the partitions among the members of a group and gives them to who stays', async () => {
    const one = await read('earliest');
    expect(one.assignments).toEqual([[0, 1]]);
    const two = await read('earliest', undefined, one.group);
    await until(() => one.assignments.length > 1);
    expect([...(one.assignments.at(-1) ?? []), ...(two.assignments.at(-1) ?? [])].sort()).toEqual([0, 1]);
    await two.running.stop();
    await until(() => one.assignments.length > 2);
    expect([...(one.assignments.at(-1) ?? [])].sort()).toEqual([0, 1]);
    await producer.send([record(topic, 'x', 0), record(topic, 'y', 1)]);
    await one.running.caughtUp();
    expect(texts(one.batches).sort()).toEqual(['x', 'y']);
    await one.running.stop();
  });

  it('has not caught up because its partitions are divided anew', async () => {
    await producer.send([record(topic, 'a', 0), record(topic, 'b', 1)]);
    let failing = true;
    const handled: string[] = [];
    const group = randomUUID();
    const member = () =>
      log.subscribe({
        ...{ topic, group, start: 'earliest' },
        handle: async (batches) => {
          if (failing) throw new Unavailable('test', 'not now');
          handled.push(...texts(batches));
        },
      });
    const one = await member();
    const settled = jest.fn();
    const caughtUp = one.caughtUp().then(settled);
    await one.assigned;
    const two = await member();
    await two.assigned;
    expect(settled).not.toHaveBeenCalled();
    failing = false;
    await Promise.all([caughtUp, two.caughtUp()]);
    expect(handled.sort()).toEqual(['a', 'b']);
    await Promise.all([one.stop(), two.stop()]);
  });

  it('reports a handler that fails for good, and stops reading', async () => {
    const failing = open();
    const fatal: Error[] = [];
    failing.onFatal((error) => fatal.push(error));
    await failing.ensureTopics([{ topic, partitions: 2 }]);
    await (await failing.producer()).send([record(topic, 'one', 0)]);
    let calls = 0;
    const running = await failing.subscribe({
      topic,
      group: randomUUID(),
      start: 'earliest',
      handle: () => {
        calls += 1;
        return Promise.reject(new Invalid('test', 'never'));
      },
    });
    await expect(running.caughtUp()).rejects.toThrow('never');
    expect(fatal.map((error) => error.message)).toEqual(['never']);
    expect(calls).toBe(1);
    await failing.close();
  });

  it('tells who waits for the first assignment that there will be none', async () => {
    const failing = open();
    await failing.ensureTopics([{ topic, partitions: 2 }]);
    const running = await failing.subscribe({
      ...{ topic, group: randomUUID(), handle: async () => undefined },
      start: () => Promise.reject(new Invalid('test', 'no position')),
    });
    await expect(running.assigned).rejects.toThrow('no position');
    await expect(running.caughtUp()).rejects.toThrow('no position');
    await failing.close();
  });

  it('tells the next offset of each partition', async () => {
    await producer.send([record(topic, 'a', 1), record(topic, 'b', 1)]);
    expect(await log.highWatermarks(topic)).toEqual(
      new Map([
        [0, 0n],
        [1, 2n],
      ]),
    );
  });

  it('tells the first offset of each partition, and which topic it is', async () => {
    await producer.send([record(topic, 'b', 1)]);
    expect(await log.logStarts(topic)).toEqual(
      new Map([
        [0, 0n],
        [1, 0n],
      ]),
    );
    const state = await log.topicState(topic);
    expect([...state.leaderEpochs.keys()].sort()).toEqual([0, 1]);
    expect(await log.topicState(topic)).toEqual(state);
  });

  it('makes topics that take records at once, however many they are', async () => {
    const topics = Array.from({ length: 40 }, () => `contract.${randomUUID()}`);
    await log.ensureTopics(topics.map((name) => ({ topic: name, partitions: 8 })));
    await producer.send(topics.map((name) => record(name, 'at once')));
    for (const name of topics) {
      const ends = [...(await log.highWatermarks(name)).values()];
      expect(ends.reduce((sum, end) => sum + end)).toBe(1n);
    }
  });

  it('reports a topic that differs from its specification', async () => {
    expect(await log.ensureTopics([{ topic, partitions: 2 }])).toEqual([]);
    expect(await log.ensureTopics([{ topic, partitions: 3 }])).toEqual([
      { topic, setting: 'partitions', expected: '3', actual: '2' },
    ]);
  });
}

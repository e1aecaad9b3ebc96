import { Unavailable } from '@quorate/platform';
import { type OutgoingRecord } from '../message-log.port';
import { SendQueue } from './send-queue';

const record = (text: string, bytes = 10): OutgoingRecord => ({
  topic: 't',
  key: text,
  value: Buffer.alloc(bytes),
  headers: {},
});

/** A queue whose requests are answered by hand. */
function manualQueue() {
  const requests: { keys: unknown[]; answer: (error?: Error) => void }[] = [];
  const queue = new SendQueue(
    (records) =>
      new Promise((resolve, reject) => {
        const answer = (error?: Error) => (error === undefined ? resolve() : reject(error));
        requests.push({ keys: records.map(({ key }) => key), answer });
      }),
  );
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { queue, requests, turn };
}

describe('SendQueue', () => {
  it('sends what waits behind a request together, in the next one', async () => {
    const { queue, requests, turn } = manualQueue();
    const sent = ['a', 'b', 'c'].map((key) => queue.send([record(key)]));
    expect(requests.map(({ keys }) => keys)).toEqual([['a']]);
    requests[0]?.answer();
    await turn();
    expect(requests.map(({ keys }) => keys)).toEqual([['a'], ['b', 'c']]);
    requests[1]?.answer();
    await Promise.all(sent);
  });

  it('splits what is larger than a request, and lets a larger record travel alone', async () => {
    const { queue, requests, turn } = manualQueue();
    const sent = queue.send([record('a', 400_000), record('b', 400_000), record('c', 900_000), record('d')]);
    for (let n = 0; n < 4; n += 1) {
      requests[n]?.answer();
      await turn();
    }
    await sent;
    expect(requests.map(({ keys }) => keys)).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  it('reports a failed request to the calls in it, and goes on with the others', async () => {
    const { queue, requests, turn } = manualQueue();
    const first = queue.send([record('a')]);
    const second = queue.send([record('b')]);
    const failed = expect(first).rejects.toThrow('away');
    requests[0]?.answer(new Unavailable('test', 'away'));
    await failed;
    await turn();
    requests[1]?.answer();
    await second;
    await queue.idle();
    expect(requests.length).toBe(2);
  });

  it('does not send the rest of a call whose first part failed', async () => {
    const { queue, requests, turn } = manualQueue();
    const sent = expect(queue.send([record('a', 500_000), record('b', 500_000)])).rejects.toThrow('away');
    requests[0]?.answer(new Unavailable('test', 'away'));
    await sent;
    await turn();
    expect(requests.map(({ keys }) => keys)).toEqual([['a']]);
  });
});

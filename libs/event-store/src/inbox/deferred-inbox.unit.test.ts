import { Fatal, Unavailable } from '@quorate/platform';
import { type Batch } from '@quorate/messaging';
import { emptyBatch, testBatch } from '../testing/test-batch';
import { DeferredInbox } from './deferred-inbox';
import { InboxFenced } from './inbox-fenced';

describe('DeferredInbox', () => {
  let commits: [number, bigint, bigint][][];
  let failures: Error[];
  let position: bigint | 'earliest';
  let fatal: Error[];
  let inbox: DeferredInbox;

  beforeEach(() => {
    jest.useFakeTimers();
    commits = [];
    failures = [];
    position = 'earliest';
    fatal = [];
    inbox = new DeferredInbox({
      commit: (batches: readonly Batch[]) => {
        const failure = failures.shift();
        if (failure !== undefined) return Promise.reject(failure);
        commits.push(
          batches.map(({ partition, firstOffset, nextOffset }) => [partition, firstOffset, nextOffset]),
        );
        return Promise.resolve();
      },
      position: () => Promise.resolve(position),
      onFatal: (error) => fatal.push(error),
    });
  });

  afterEach(() => jest.useRealTimers());

  it('commits batches with records at once', async () => {
    await inbox.handle([testBatch(0n, ['a']), emptyBatch(0n, 4n, 1)]);
    expect(commits).toEqual([
      [
        [0, 0n, 1n],
        [1, 0n, 4n],
      ],
    ]);
  });

  it('commits batches without records after a second, together', async () => {
    await inbox.handle([emptyBatch(0n, 2n)]);
    await jest.advanceTimersByTimeAsync(900);
    await inbox.handle([emptyBatch(2n, 4n), emptyBatch(0n, 1n, 1)]);
    expect(commits).toEqual([]);
    await jest.advanceTimersByTimeAsync(100);
    expect(commits).toEqual([
      [
        [0, 0n, 4n],
        [1, 0n, 1n],
      ],
    ]);
    await jest.advanceTimersByTimeAsync(5000);
    expect(commits.length).toBe(1);
  });

  it('commits them with the next batch that has records', async () => {
    await inbox.handle([emptyBatch(0n, 2n)]);
    await inbox.handle([testBatch(2n, ['a'])]);
    expect(commits).toEqual([[[0, 0n, 3n]]]);
    await jest.advanceTimersByTimeAsync(5000);
    expect(commits.length).toBe(1);
  });

  it('stays behind by less than 500 offsets', async () => {
    await inbox.handle([emptyBatch(0n, 499n)]);
    expect(commits).toEqual([]);
    await inbox.handle([emptyBatch(499n, 500n)]);
    expect(commits).toEqual([[[0, 0n, 500n]]]);
  });

  it('still has what it held when a commit fails and the newest batch comes again', async () => {
    await inbox.handle([emptyBatch(0n, 2n), emptyBatch(0n, 7n, 1)]);
    failures = [new Unavailable('test', 'database away')];
    await expect(inbox.handle([testBatch(2n, ['a'])])).rejects.toThrow('database away');
    await inbox.handle([testBatch(2n, ['a'])]);
    expect(commits).toEqual([
      [
        [0, 0n, 3n],
        [1, 0n, 7n],
      ],
    ]);
  });

  it('tries again by itself while the database is away', async () => {
    failures = [new Unavailable('test', 'away'), new Unavailable('test', 'away')];
    await inbox.handle([emptyBatch(0n, 2n)]);
    await jest.advanceTimersByTimeAsync(3000);
    expect(commits).toEqual([[[0, 0n, 2n]]]);
    expect(fatal).toEqual([]);
  });

  it('reports what cannot be helped', async () => {
    failures = [new Fatal('test', 'broken')];
    await inbox.handle([emptyBatch(0n, 2n)]);
    await jest.advanceTimersByTimeAsync(5000);
    expect(fatal.map(({ message }) => message)).toEqual(['broken']);
  });

  it('lets go of partitions that others read now', async () => {
    await inbox.handle([emptyBatch(0n, 2n), emptyBatch(0n, 7n, 1)]);
    inbox.drop([0]);
    await jest.advanceTimersByTimeAsync(1000);
    expect(commits).toEqual([[[1, 0n, 7n]]]);
    await inbox.handle([emptyBatch(7n, 8n, 1)]);
    inbox.drop([1]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('keeps only what follows the inbox when that was moved: by others, or by a commit of unknown outcome', async () => {
    await inbox.handle([emptyBatch(0n, 2n)]);
    failures = [new InboxFenced()];
    position = 1n;
    await jest.advanceTimersByTimeAsync(2000);
    expect(commits).toEqual([[[0, 1n, 2n]]]);
  });

  it('drops what is held when a batch is read again from the inbox position', async () => {
    await inbox.handle([emptyBatch(0n, 2n)]);
    failures = [new InboxFenced()];
    position = 2n;
    await expect(inbox.handle([testBatch(2n, ['a'])])).rejects.toMatchObject({ code: 'inbox-fenced' });
    await inbox.handle([testBatch(2n, ['a'])]);
    expect(commits).toEqual([[[0, 2n, 3n]]]);
  });

  it('takes batches in order while a commit is under way', async () => {
    const first = inbox.handle([testBatch(0n, ['a'])]);
    const second = inbox.handle([emptyBatch(1n, 3n)]);
    await Promise.all([first, second]);
    await jest.advanceTimersByTimeAsync(1000);
    expect(commits).toEqual([[[0, 0n, 1n]], [[0, 1n, 3n]]]);
  });
});

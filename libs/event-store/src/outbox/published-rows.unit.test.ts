import { silentLogger } from '@quorate/messaging';
import { REMOVAL_MS } from './outbox-row';
import { PublishedRows } from './published-rows';

describe('PublishedRows', () => {
  let removed: bigint[][];
  let rows: PublishedRows;
  let fail: boolean;

  beforeEach(() => {
    jest.useFakeTimers();
    removed = [];
    fail = false;
    rows = new PublishedRows(
      {
        remove: (ids) => {
          if (fail) return Promise.reject(new Error('away'));
          removed.push([...ids]);
          return Promise.resolve();
        },
      },
      silentLogger,
    );
  });

  afterEach(() => jest.useRealTimers());

  const carry = async (outcome: () => Promise<void>) => {
    const carried: bigint[] = [];
    const transaction = rows.carry((ids) => {
      carried.push(...ids);
      return outcome();
    });
    await transaction.catch(() => undefined);
    return carried;
  };

  it('has them deleted by the next transaction, and then not again', async () => {
    rows.add([1n, 2n]);
    expect(await carry(() => Promise.resolve())).toEqual([1n, 2n]);
    expect(await carry(() => Promise.resolve())).toEqual([]);
    await jest.advanceTimersByTimeAsync(10 * REMOVAL_MS);
    expect(removed).toEqual([]);
  });

  it('has what a failed transaction carried deleted by the next one', async () => {
    rows.add([1n]);
    await carry(() => Promise.reject(new Error('rolled back')));
    rows.add([2n]);
    expect((await carry(() => Promise.resolve())).sort()).toEqual([1n, 2n]);
  });

  it('has what a failed transaction carried deleted by itself in quiet times', async () => {
    rows.add([1n]);
    await carry(() => Promise.reject(new Error('rolled back')));
    await jest.advanceTimersByTimeAsync(REMOVAL_MS);
    expect(removed).toEqual([[1n]]);
  });

  it('deletes them in time when no transaction comes', async () => {
    rows.add([1n]);
    await jest.advanceTimersByTimeAsync(REMOVAL_MS / 2);
    rows.add([2n]);
    await jest.advanceTimersByTimeAsync(REMOVAL_MS / 2);
    expect(removed).toEqual([[1n, 2n]]);
  });

  it('is through when also the transactions are that carry some', async () => {
    rows.add([1n]);
    let rollBack: () => void = () => undefined;
    const transaction = rows.carry(
      () => new Promise<void>((_, reject) => (rollBack = () => reject(new Error('rolled back')))),
    );
    const flushed = rows.flush();
    rollBack();
    await expect(transaction).rejects.toThrow('rolled back');
    await flushed;
    expect(removed).toEqual([[1n]]);
  });

  it('keeps what could not be deleted', async () => {
    rows.add([1n]);
    fail = true;
    await expect(rows.flush()).rejects.toThrow('away');
    fail = false;
    await rows.flush();
    expect(removed).toEqual([[1n]]);
  });
});

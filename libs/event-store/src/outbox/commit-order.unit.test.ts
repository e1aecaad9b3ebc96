import { CommitOrder } from './commit-order';

describe('CommitOrder', () => {
  it('hands over in the order of the commits, whatever the order of their answers', async () => {
    const order = new CommitOrder();
    const done: string[] = [];
    let answerFirst: () => void = () => undefined;
    const first = order.enter(
      new Promise((resolve) => (answerFirst = () => resolve(() => void done.push('first')))),
    );
    const second = order.enter(Promise.resolve(() => void done.push('second')));
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual([]);
    answerFirst();
    await Promise.all([first, second]);
    expect(done).toEqual(['first', 'second']);
  });

  it('goes on after a commit that failed', async () => {
    const order = new CommitOrder();
    const done: string[] = [];
    await order.enter(Promise.reject(new Error('rolled back')));
    await order.enter(Promise.resolve(() => void done.push('next')));
    expect(done).toEqual(['next']);
  });
});

import { excess, fairShare } from './fair-share';

describe('lanes', () => {
  it.each([
    [0, 1, 0],
    [1, 2, 1],
    [7, 2, 4],
    [8, 3, 3],
    [5, 0, 5],
  ])('%d of them among %d submitters are at most %d each', (lanes, replicas, share) => {
    expect(fairShare(lanes, replicas)).toBe(share);
  });

  it('all find somebody, whatever their number', () => {
    for (let lanes = 0; lanes < 50; lanes += 1)
      for (let replicas = 1; replicas < 6; replicas += 1)
        expect(fairShare(lanes, replicas) * replicas).toBeGreaterThanOrEqual(lanes);
  });

  it.each([
    [2, 1, 1],
    [1, 1, 0],
    [5, 4, 0],
    [6, 4, 2],
    [8, 4, 4],
    [125, 100, 0],
    [126, 100, 26],
  ])('%d where %d are the share: %d move', (held, share, moving) => {
    expect(excess(held, share)).toBe(moving);
  });
});

import { JoinedSessions } from './join-once';

describe('JoinedSessions', () => {
  it('joins a session once until its end, so that a start delivered again is not answered again', () => {
    const joined = new JoinedSessions();
    expect(joined.join('a', 100, 0)).toBe(true);
    expect(joined.join('a', 100, 50)).toBe(false);
    expect(joined.join('a', 100, 100)).toBe(false);
    expect(joined.has('a')).toBe(true);
  });

  it('keeps nothing after the end', () => {
    const joined = new JoinedSessions();
    joined.join('a', 100, 0);
    joined.join('b', 200, 101);
    expect(joined.has('a')).toBe(false);
    expect(joined.has('b')).toBe(true);
  });

  it('joins none again when the clock is set forward and back, and goes on with later ones', () => {
    const joined = new JoinedSessions();
    joined.join('a', 100, 0);
    expect(joined.join('meanwhile', 90_100, 90_000)).toBe(true);
    expect(joined.join('a', 100, 50)).toBe(false);
    expect(joined.join('b', 101, 51)).toBe(true);
  });
});

import { HeldFrames } from './held-frames';

const MIB = 1024 * 1024;

describe('HeldFrames', () => {
  it('gives the frames of a session back in order, once', () => {
    const held = new HeldFrames();
    held.hold('node-1', 's1', Buffer.from('a'));
    held.hold('node-2', 's1', Buffer.from('b'));
    held.hold('node-1', 's2', Buffer.from('c'));
    expect(held.release('s1').map(String)).toEqual(['a', 'b']);
    expect(held.release('s1')).toEqual([]);
    expect(held.release('s2').map(String)).toEqual(['c']);
  });

  it('bounds what one sender can make the node keep, and leaves room for others', () => {
    const held = new HeldFrames();
    for (let i = 0; i < 8; i++) expect(held.hold('flooder', `s${i}`, Buffer.alloc(8 * MIB))).toBe(true);
    expect(held.hold('flooder', 'more', Buffer.alloc(1))).toBe(false);
    expect(held.hold('node-2', 'more', Buffer.alloc(1))).toBe(true);
    held.release('s0');
    expect(held.hold('flooder', 'more', Buffer.alloc(1))).toBe(true);
  });

  it('forgets after 30 s', () => {
    const held = new HeldFrames();
    held.hold('node-1', 's1', Buffer.alloc(64 * MIB), 0);
    expect(held.release('s1', 30_000)).toEqual([]);
    expect(held.hold('node-1', 's2', Buffer.alloc(64 * MIB), 30_000)).toBe(true);
  });
});

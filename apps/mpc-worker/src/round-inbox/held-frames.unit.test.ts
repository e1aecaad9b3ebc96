import { HeldFrames } from './held-frames';

const MIB = 1024 * 1024;

describe('HeldFrames', () => {
  let held: HeldFrames;
  beforeEach(() => {
    held = new HeldFrames();
  });

  /** Leaves room for less than a frame of 8 MiB. */
  function fill(sender: string, now?: number): void {
    for (let i = 0; i < 7; i++) expect(held.hold(sender, `s${i}`, Buffer.alloc(8 * MIB), now)).toBe(true);
  }

  it('gives the frames of a session back in order, once', () => {
    held.hold('node-1', 's1', Buffer.from('a'));
    held.hold('node-2', 's1', Buffer.from('b'));
    held.hold('node-1', 's2', Buffer.from('c'));
    expect(held.release('s1').frames.map(String)).toEqual(['a', 'b']);
    expect(held.release('s1')).toEqual({ frames: [], incompleteFrom: [] });
    expect(held.release('s2').frames.map(String)).toEqual(['c']);
  });

  it('keeps a frame whatever becomes of the memory it came in', () => {
    const fetched = Buffer.from('frame and more');
    held.hold('node-1', 's1', fetched.subarray(0, 5));
    fetched.fill(0);
    expect(held.release('s1').frames.map(String)).toEqual(['frame']);
  });

  it('bounds what one sender can make the node keep, and leaves room for others', () => {
    fill('flooder');
    expect(held.hold('flooder', 'more', Buffer.alloc(8 * MIB))).toBe(false);
    expect(held.hold('node-2', 'more', Buffer.alloc(8 * MIB))).toBe(true);
    expect(held.release('s0')).toEqual({ frames: [], incompleteFrom: ['flooder'] });
    expect(Object.fromEntries(held.dropped())).toEqual({ flooder: 1, 'node-2': 0 });
  });

  it('keeps what a sender says now, whatever of its past somebody sends again', () => {
    for (let i = 0; i < 100; i++) held.hold('node-1', `old${i}`, Buffer.alloc(2 * MIB));
    held.hold('node-1', 'new', Buffer.from('a'));
    for (let i = 0; i < 25; i++) held.hold('node-1', `older${i}`, Buffer.alloc(2 * MIB));
    expect(held.release('new')).toEqual({ frames: [Buffer.from('a')], incompleteFrom: [] });
  });

  it('bounds small frames by what keeping them takes', () => {
    let kept = 0;
    while (held.hold('flooder', `s${kept}`, Buffer.alloc(100))) kept += 1;
    expect(kept).toBeLessThan((64 * MIB) / 512);
  });

  it('says whose frames a session lacks, and keeps the rest of it', () => {
    held.hold('node-2', 's', Buffer.from('a'));
    held.hold('flooder', 's', Buffer.from('b'));
    fill('flooder');
    expect(held.hold('flooder', 'more', Buffer.alloc(8 * MIB))).toBe(false);
    expect(held.hold('flooder', 's', Buffer.from('c'))).toBe(false);
    const { frames, incompleteFrom } = held.release('s');
    expect(frames.map(String)).toEqual(['a']);
    expect(incompleteFrom).toEqual(['flooder']);
    expect(held.release('s').incompleteFrom).toEqual([]);
  });

  it('drops a session that needs more room than there is', () => {
    for (let i = 0; i < 8; i++) held.hold('node-1', 's', Buffer.alloc(8 * MIB));
    expect(held.release('s')).toEqual({ frames: [], incompleteFrom: ['node-1'] });
    expect(held.hold('node-1', 't', Buffer.alloc(8 * MIB))).toBe(true);
  });

  it('holds what came of a session for 30 s, and then says that it lacks it', () => {
    held.hold('node-1', 's1', Buffer.alloc(60 * MIB), 0);
    held.hold('node-2', 's1', Buffer.from('b'), 29_000);
    expect(held.hold('node-1', 's2', Buffer.alloc(60 * MIB), 30_000)).toBe(true);
    expect(held.release('s1', 30_000)).toEqual({ frames: [Buffer.from('b')], incompleteFrom: ['node-1'] });
  });

  it('remembers a bounded number of sessions that lack frames', () => {
    for (let i = 0; i <= 1001; i++) held.hold('node-1', `lost${i}`, Buffer.alloc(8), i);
    held.hold('node-1', 'kept', Buffer.alloc(8), 40_000);
    expect(held.release('lost1', 40_000).incompleteFrom).toEqual([]);
    expect(held.release('lost2', 40_000).incompleteFrom).toEqual(['node-1']);
  });
});

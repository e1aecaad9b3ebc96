import { type StoreTransaction } from '@quorate/event-store';
import { type RequesterLimits } from '@quorate/platform';
import { Admission } from './admission';

const LIMITS: RequesterLimits = { perSecond: 10, burst: 3, open: 5 };

describe('Admission', () => {
  let now: number;
  let counted: { requester: string; open: number }[];
  let looks: number;
  beforeEach(() => {
    now = 1_800_000_000_000;
    counted = [];
    looks = 0;
  });

  const admission = (limits: Partial<RequesterLimits> = {}, mostOpen?: number) =>
    new Admission(() => ({ ...LIMITS, ...limits }), { now: () => new Date(now) }, mostOpen);
  /** A database in which these requests are open. */
  const tx = () => {
    const query = async () => {
      looks += 1;
      return counted;
    };
    return { query } as unknown as StoreTransaction;
  };
  const taken = (door: Admission, count: number, requester = 'alice') =>
    Array.from({ length: count }, () => door.refuse(requester)?.limit ?? 'taken');

  it('takes a burst, then as many as a second brings', () => {
    const door = admission();
    expect(taken(door, 4)).toEqual(['taken', 'taken', 'taken', 'perSecond']);
    now += 100;
    expect(taken(door, 2)).toEqual(['taken', 'perSecond']);
    now += 99;
    expect(taken(door, 1)).toEqual(['perSecond']);
    now += 1;
    expect(taken(door, 1)).toEqual(['taken']);
  });

  it('never saves up more than a burst, and loses nothing to a clock that steps back', () => {
    const door = admission();
    taken(door, 3);
    now -= 60_000;
    expect(taken(door, 1)).toEqual(['perSecond']);
    now += 3_600_000;
    expect(taken(admission(), 4)).toEqual(['taken', 'taken', 'taken', 'perSecond']);
  });

  it('measures each requester alone', () => {
    const door = admission();
    expect(taken(door, 4, 'mallory').at(-1)).toBe('perSecond');
    expect(taken(door, 1, 'alice')).toEqual(['taken']);
  });

  it('bounds what is open of one requester, and counts again before it says so', async () => {
    const door = admission({ burst: 100 });
    counted = [{ requester: 'alice', open: 4 }];
    await door.prepare(tx(), new Map([['alice', 5]]));
    expect(looks).toBe(0);
    await door.prepare(tx(), new Map([['alice', 6]]));
    expect(looks).toBe(1);
    expect(taken(door, 3)).toEqual(['taken', 'open', 'open']);
    expect(taken(door, 1, 'bob')).toEqual(['taken']);

    counted = [];
    await door.prepare(tx(), new Map([['alice', 1]]));
    expect(taken(door, 1)).toEqual(['taken']);
  });

  it('knows a requester with colons in the database', async () => {
    const door = admission({ burst: 100 });
    counted = [{ requester: 'team%3Aalice', open: 5 }];
    await door.prepare(tx(), new Map([['team:alice', 6]]));
    expect(taken(door, 1, 'team:alice')).toEqual(['open']);
  });

  it('bounds what is open of all together', async () => {
    const door = admission({ burst: 100 }, 2);
    await door.prepare(tx(), new Map([['alice', 3]]));
    expect([...taken(door, 1), ...taken(door, 2, 'bob')]).toEqual(['taken', 'taken', 'total']);
  });
});

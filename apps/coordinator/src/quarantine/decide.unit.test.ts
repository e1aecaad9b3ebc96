import { decide, type StandingCommand } from './decide';
import { isPublished, type PublishedStandingEvent } from './events';
import { evolve } from './evolve';
import { goodStanding, isStrained, type Standing, totalAt } from './standing';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const SECOND = 1_000;

const fault = (now: number): StandingCommand => ({ kind: 'fault', node: 'c', reason: 'silent', now });
const conflict = (peer: string, now: number, points = 1): StandingCommand => ({
  kind: 'conflict',
  node: 'c',
  peer,
  points,
  reason: `failed with ${peer}`,
  now,
});
const work = (now: number, peers = ['a']): StandingCommand => ({ kind: 'work', node: 'c', peers, now });

function given(...commands: StandingCommand[]): { standing: Standing; told: PublishedStandingEvent[] } {
  return commands.reduce<{ standing: Standing; told: PublishedStandingEvent[] }>(
    ({ standing, told }, command) => {
      const events = decide(command, standing);
      return { standing: events.reduce(evolve, standing), told: [...told, ...events.filter(isPublished)] };
    },
    { standing: goodStanding, told: [] },
  );
}

const types = (told: PublishedStandingEvent[]) => told.map(({ type }) => type.split('.')[2]);

describe('faults of a node', () => {
  test('one makes it rest for a second, and is told to nobody', () => {
    const { standing, told } = given(fault(NOW));
    expect(standing).toMatchObject({ restsUntil: NOW + SECOND, suspectedSince: null, reason: 'silent' });
    expect(told).toEqual([]);
  });

  test('what it was asked before it had to rest is the same misfortune', () => {
    const once = given(fault(NOW)).standing;
    expect(given(fault(NOW), fault(NOW + 500), fault(NOW + 999)).standing).toEqual(once);
  });

  test('each one more makes the rest twice as long, up to a minute', () => {
    const commands: StandingCommand[] = [];
    const rests: number[] = [];
    let now = NOW;
    for (let n = 0; n < 9; n++) {
      commands.push(fault(now));
      const { restsUntil } = given(...commands).standing;
      rests.push((restsUntil - now) / SECOND);
      now = restsUntil;
    }
    expect(rests).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60]);
  });

  test('repeated ones make it a suspect, once, with the reason of the last', () => {
    const { standing, told } = given(
      fault(NOW),
      fault(NOW + SECOND),
      fault(NOW + 3 * SECOND),
      fault(NOW + 7 * SECOND),
    );
    expect(types(told)).toEqual(['suspected']);
    expect(told[0]?.data).toMatchObject({
      node: 'c',
      reason: 'silent',
      since: new Date(NOW + 7 * SECOND).toISOString(),
      restsUntil: new Date(NOW + 15 * SECOND).toISOString(),
    });
    expect(standing.suspectedSince).toBe(NOW + 7 * SECOND);
  });

  test('now and then one, with good work between, never does', () => {
    const commands = Array.from({ length: 200 }, (_, i) =>
      i % 20 === 0 ? fault(NOW + i * SECOND) : work(NOW + i * SECOND),
    );
    expect(given(...commands).told).toEqual([]);
  });

  test('fade: after ten minutes nothing is left to forgive', () => {
    const { standing } = given(fault(NOW), work(NOW + 2 * SECOND));
    expect(totalAt(standing, NOW + 600 * SECOND)).toBeLessThan(0.01);
    expect(decide(work(NOW + 600 * SECOND), standing)).toEqual([]);
  });
});

describe('a suspect', () => {
  const suspect = [NOW, NOW + SECOND, NOW + 3 * SECOND, NOW + 7 * SECOND].map(fault);
  const restsUntil = NOW + 15 * SECOND;

  test('recovers when it did three pieces of work in a row after its rest', () => {
    const good = [0, 1, 2].map((n) => work(restsUntil + n * SECOND));
    expect(types(given(...suspect, ...good.slice(0, 2)).told)).toEqual(['suspected']);
    const { standing, told } = given(...suspect, ...good);
    expect(types(told)).toEqual(['suspected', 'recovered']);
    expect(told[1]?.data).toMatchObject({
      node: 'c',
      suspectedSince: new Date(NOW + 7 * SECOND).toISOString(),
    });
    expect(standing).toMatchObject({ suspectedSince: null, strikes: 0 });
    expect(types(given(...suspect, ...good, fault(restsUntil + 5 * SECOND)).told)).toEqual([
      'suspected',
      'recovered',
    ]);
  });

  test('of a clock that was a day ahead recovers as well when that is set right', () => {
    const day = 86_400 * SECOND;
    const ahead = [0, 1, 3, 7].map((n) => fault(NOW + day + n * SECOND));
    const good = [0, 1, 2].map((n) => work(NOW + 10 * SECOND + n * SECOND));
    expect(types(given(...ahead, ...good).told)).toEqual(['suspected', 'recovered']);
    const { standing } = given(...ahead, fault(NOW));
    expect(standing.restsUntil).toBe(NOW + 16 * SECOND);
  });

  test('does not recover by work that it began before its rest', () => {
    const early = [0, 1, 2, 3].map((n) => work(restsUntil - 4 * SECOND + n * SECOND));
    expect(types(given(...suspect, ...early).told)).toEqual(['suspected']);
  });

  test('that fails its try rests longer, and is not told of again', () => {
    const { standing, told } = given(...suspect, work(restsUntil), fault(restsUntil + SECOND));
    expect(types(told)).toEqual(['suspected']);
    expect(standing.goodInARow).toBe(0);
    expect(standing.restsUntil).toBeGreaterThan(restsUntil + SECOND);
  });
});

describe('failures between two nodes', () => {
  test('never make one a suspect by the word of a single other one, however often', () => {
    const { standing, told } = given(
      ...Array.from({ length: 500 }, (_, i) => conflict('a', NOW + i * SECOND)),
    );
    expect(told).toEqual([]);
    expect(standing.restsUntil).toBe(0);
    expect(isStrained(standing, 'a', NOW + 500 * SECOND)).toBe(true);
    expect(isStrained(standing, 'b', NOW + 500 * SECOND)).toBe(false);
  });

  test('with two others do: an accuser of everybody is the suspect, not the accused', () => {
    expect(types(given(conflict('a', NOW, 1.5), conflict('b', NOW, 1.5)).told)).toEqual(['suspected']);
  });

  test('are forgiven when the two work together, not when they work with others', () => {
    const strained = given(conflict('a', NOW)).standing;
    const withOther = [1, 2, 3, 4].map((n) => work(NOW + n, ['b']));
    const together = [1, 2, 3, 4].map((n) => work(NOW + n, ['a']));
    expect(isStrained(given(conflict('a', NOW), ...withOther).standing, 'a', NOW + 5)).toBe(true);
    expect(isStrained(given(conflict('a', NOW), ...together).standing, 'a', NOW + 5)).toBe(false);
    expect(isStrained(strained, 'a', NOW + 61 * SECOND)).toBe(false);
  });
});

test('good work of a node without a spot changes nothing', () => {
  expect(decide(work(NOW), goodStanding)).toEqual([]);
});

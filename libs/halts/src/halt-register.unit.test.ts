import fc from 'fast-check';
import { type HaltChange, HaltRegister } from './halt-register';

const ID = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;
const halt = (n: number, scope = 'all'): HaltChange => ({
  ...{ kind: 'halt', haltId: ID(n), scope, reason: `reason ${n}`, by: 'operator' },
});
const resume = (scope: string, ...halts: number[]): HaltChange => ({
  ...{ kind: 'resume', scope, halts: halts.map(ID) },
});

const scope = fc.constantFrom('all', 'key:k_1', 'key:k_2', 'requester:alice');
const number = fc.integer({ min: 1, max: 5 });
const change: fc.Arbitrary<HaltChange> = fc.oneof(
  fc.tuple(number, scope).map(([n, of]) => halt(n, of)),
  fc.tuple(scope, fc.array(number, { minLength: 1, maxLength: 3 })).map(([of, ns]) => resume(of, ...ns)),
);
const history = fc.array(change, { maxLength: 20 });

/** The same changes in another order, some of them several times. */
const retold = history.chain((told) =>
  fc
    .tuple(
      fc.shuffledSubarray(told, { minLength: told.length, maxLength: told.length }),
      fc.array(fc.nat(), { maxLength: 10 }),
    )
    .map(([shuffled, repeats]) => {
      const again = [...shuffled];
      for (const n of repeats) {
        const repeated = told[n % Math.max(1, told.length)];
        if (repeated !== undefined) again.splice(n % (again.length + 1), 0, repeated);
      }
      return [told, again] as const;
    }),
);

const activeOf = (changes: Iterable<HaltChange>): string[] =>
  new HaltRegister(changes)
    .active()
    .map(({ scope: of, haltId }) => `${of} ${haltId}`)
    .sort();

describe('what is halted', () => {
  it('depends only on what was heard: not on its order, nor on how often', () => {
    fc.assert(fc.property(retold, ([told, again]) => expect(activeOf(again)).toEqual(activeOf(told))));
  });

  it('is the same for one who heard a part by push and later reads everything', () => {
    fc.assert(
      fc.property(retold, fc.nat(), ([told, again], heard) =>
        expect(activeOf([...again.slice(0, heard % (again.length + 1)), ...told])).toEqual(activeOf(told)),
      ),
    );
  });

  it('is every halt that no resume of its scope names', () => {
    fc.assert(
      fc.property(history, (told) => {
        const ends = (of: string, id: string) =>
          told.some((heard) => heard.kind === 'resume' && heard.scope === of && heard.halts.includes(id));
        const expected = told.flatMap((heard) =>
          heard.kind === 'halt' && !ends(heard.scope, heard.haltId) ? [`${heard.scope} ${heard.haltId}`] : [],
        );
        expect(activeOf(told)).toEqual([...new Set(expected)].sort());
      }),
    );
  });

  it('says whether a change is news', () => {
    const register = new HaltRegister();
    expect(register.apply(halt(1))).toBe(true);
    expect(register.apply(halt(1))).toBe(false);
    expect(register.apply(resume('all', 1))).toBe(true);
    expect(register.apply(resume('all', 1))).toBe(false);
    expect(register.apply(halt(1))).toBe(false);
  });

  it('survives no replay: an ended halt stays ended, an old resume ends no newer halt', () => {
    expect(activeOf([halt(1), resume('all', 1), halt(1)])).toEqual([]);
    expect(activeOf([halt(1), resume('all', 1), halt(2), resume('all', 1)])).toEqual([`all ${ID(2)}`]);
  });

  it('cannot be ended through the id of another scope', () => {
    expect(activeOf([halt(1), resume('key:k_1', 1)])).toEqual([`all ${ID(1)}`]);
    expect(activeOf([halt(1, 'requester:nobody'), resume('requester:nobody', 1), halt(1)])).toEqual([
      `all ${ID(1)}`,
    ]);
  });
});

describe('covering', () => {
  it.each([
    ['all', true],
    ['key:k_1', true],
    ['key:k_2', false],
    ['requester:alice', true],
    ['requester:submitter', true],
    ['requester:bob', false],
  ])('a halt of %s: %s', (of, expected) => {
    const subject = { keyId: 'k_1', requesters: ['submitter', 'alice'] };
    expect(new HaltRegister([halt(1, of)]).covering(subject) !== undefined).toBe(expected);
  });

  it('finds nothing once every halt of the scope has ended, and not before', () => {
    const register = new HaltRegister([halt(1), halt(2), resume('all', 1)]);
    const subject = { keyId: 'k_1', requesters: [] };
    expect(register.covering(subject)?.haltId).toBe(ID(2));
    register.apply(resume('all', 2));
    expect(register.covering(subject)).toBeUndefined();
  });
});

describe('a resume that names no halts itself', () => {
  const oneTime = (command: number, ...halts: number[]): HaltChange => ({
    ...{ kind: 'resume', scope: 'all', halts: halts.map(ID), oneTime: ID(command) },
  });

  it('ends what it was used for first, and nothing after that', () => {
    const register = new HaltRegister([halt(1), oneTime(9, 1), halt(2)]);
    expect(register.isSpent(oneTime(9, 1))).toBe(false);
    expect(register.isSpent(oneTime(9, 1, 2))).toBe(true);
    expect(register.apply(oneTime(9, 2))).toBe(false);
    expect(register.active().map(({ haltId }) => haltId)).toEqual([ID(2)]);
    expect(register.apply(oneTime(8, 2))).toBe(true);
    expect(register.active()).toEqual([]);
  });

  it('is spent where its halts had ended before', () => {
    const register = new HaltRegister([halt(1), resume('all', 1), oneTime(9, 1), halt(2)]);
    expect(register.isSpent(oneTime(9, 2))).toBe(true);
  });
});

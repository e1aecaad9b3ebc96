import type * as Hash from '../hash';
import { H, HS } from '../hash';
import { multiplyBase } from '../group/point';
import { generators } from './generators';
import { type Statement, statementTranscript, Transcript } from './transcript';

const statement: Statement = {
  context: Buffer.from('session'),
  bits: 8,
  commitments: [multiplyBase(5n), multiplyBase(6n)],
  generators: generators(16),
};

describe('the transcript', () => {
  test('is a running hash over the whole statement and every message', () => {
    const { valueBase, blindingBase, innerProductBase } = statement.generators;
    const [V1, V2] = statement.commitments;
    const start = H(
      'rp/statement',
      ...[Buffer.from('session'), 8, 2, valueBase, blindingBase, innerProductBase],
      ...[V1, V2].flatMap((V) => (V ? [V] : [])),
    );
    const transcript = statementTranscript(statement);
    transcript.absorb('message', 'another');
    const absorbed = H('rp/absorb', start, 'message', 'another');
    expect(transcript.challenge()).toBe(HS('rp/challenge', absorbed, 0));
    expect(transcript.challenge()).toBe(HS('rp/challenge', H('rp/absorb', absorbed), 0));
  });

  test('gives another challenge for any other context, size, generator, commitment or order', () => {
    const { generators: bases, commitments } = statement;
    const other = multiplyBase(7n);
    const variants: Statement[] = [
      statement,
      { ...statement, context: Buffer.from('session2') },
      { ...statement, context: Buffer.alloc(0) },
      { ...statement, bits: 16 },
      { ...statement, commitments: commitments.slice(0, 1) },
      { ...statement, commitments: [...commitments].reverse() },
      { ...statement, commitments: [other, ...commitments.slice(1)] },
      { ...statement, commitments: [...commitments.slice(0, 1), other] },
      { ...statement, generators: { ...bases, valueBase: other } },
      { ...statement, generators: { ...bases, blindingBase: other } },
      { ...statement, generators: { ...bases, innerProductBase: other } },
    ];
    const challenges = variants.map((variant) => statementTranscript(variant).challenge());
    expect(new Set(challenges).size).toBe(variants.length);
  });

  test('gives another challenge for any other message before it, and for another split of the same bytes', () => {
    const challenge = (...messages: string[][]) => {
      const transcript = new Transcript('start');
      for (const message of messages) transcript.absorb(...message);
      return transcript.challenge();
    };
    const challenges = [
      challenge(),
      challenge([]),
      challenge(['ab']),
      challenge(['a', 'b']),
      challenge(['a'], ['b']),
      challenge(['b'], ['a']),
      challenge(['ab', '']),
    ];
    expect(new Set(challenges).size).toBe(challenges.length);
  });

  test('a challenge changes those after it even without a message between', () => {
    const transcript = new Transcript('start');
    const drawn = Array.from({ length: 4 }, () => transcript.challenge());
    expect(new Set(drawn).size).toBe(4);
  });

  test('a challenge is never zero: the counter goes on', () => {
    jest.resetModules();
    const counters: unknown[] = [];
    jest.doMock('../hash', () => ({
      ...jest.requireActual<typeof Hash>('../hash'),
      HS: (...parts: unknown[]) => (counters.push(parts.at(-1)) < 3 ? 0n : 9n),
    }));
    const mocked = jest.requireActual<{ Transcript: typeof Transcript }>('./transcript');
    expect(new mocked.Transcript('start').challenge()).toBe(9n);
    expect(counters).toEqual([0, 1, 2]);
    jest.dontMock('../hash');
  });
});

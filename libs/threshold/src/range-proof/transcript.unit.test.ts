import type * as Hash from '../hash';
import { H, type HashInput, HS } from '../hash';
import { multiplyBase } from '../group/point';
import { seededRandom } from '../testing/seeded-random';
import { parseRangeProof } from './encoding';
import { generators } from './generators';
import { proveRange } from './range-proof';
import { type Statement, statementTranscript, Transcript } from './transcript';
import { verifyWith } from './verifier';

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

  test('takes every message of a proof before the challenge that answers it, in the order of the paper', () => {
    const events: string[] = [];
    class Recorded extends Transcript {
      override absorb(...messages: readonly HashInput[]): void {
        super.absorb(...messages);
        const hex = messages.map((part) =>
          part instanceof Uint8Array ? Buffer.from(part).toString('hex') : part,
        );
        if (hex.length > 0) events.push(hex.join(' '));
      }
      override challenge(): bigint {
        events.push('challenge');
        return super.challenge();
      }
    }
    const blinding = Buffer.alloc(32, 3);
    const bytes = proveRange({
      ...statement,
      values: [1n],
      blindings: [blinding],
      random: seededRandom('order'),
    });
    const proof = parseRangeProof(bytes.proof, 8, 1);
    if (!proof) throw new Error('no proof');
    verifyWith(
      new Recorded('start'),
      { ...statement, commitments: bytes.commitments, generators: generators(8) },
      proof,
    );
    const field = (start: number, length: number) => bytes.proof.toString('hex', start, start + length);
    expect(events).toEqual([
      `${field(0, 33)} ${field(33, 33)}`,
      'challenge', // y
      'challenge', // z
      `${field(66, 33)} ${field(99, 33)}`,
      'challenge', // x
      `${field(132, 32)} ${field(164, 32)} ${field(196, 32)}`,
      'challenge', // w
      ...[228, 294, 360].flatMap((L) => [`${field(L, 33)} ${field(L + 33, 33)}`, 'challenge']), // x_1..x_3
      `${field(426, 32)} ${field(458, 32)}`,
      'challenge', // c
    ]);
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

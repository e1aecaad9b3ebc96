/** Base OT with "h = hash*G" (threats 4; specification sections 1.2, 4 and 16): why the map must hash to a point. */
import { H } from '../hash';
import type * as hashToPointModule from '../group/hash-to-point';
import { addPoints, multiplyBase, multiplySecret, negatePoint, parsePoint, type Point } from '../group/point';
import { mod, scalarFromBytes } from '../group/scalar';
import { answerBaseOt, baseOtSid, choiceMap } from '../multiplication/base-ot';
import { type ExtensionContext, startExtension } from '../multiplication/ot-extension';
import { exclusiveOr, expandedRows, rowBytesOf } from '../testing/cheating-receiver';
import { seededRandom } from '../testing/seeded-random';
import { sumOf } from '../testing/tamper';

let isWeak = false;
jest.mock('../group/hash-to-point', () => {
  const real = jest.requireActual<typeof hashToPointModule>('../group/hash-to-point');
  const weak = (digest: Uint8Array): Point => multiplyBase(logarithmOf(digest));
  return {
    ...real,
    hashToPoint: (digest: Uint8Array): Point => (isWeak ? weak(digest) : real.hashToPoint(digest)),
    hashToPointEach: (digests: readonly Uint8Array[]): Point[] =>
      isWeak ? digests.map(weak) : real.hashToPointEach(digests),
  };
});

/** The weak map is this times G. */
function logarithmOf(digest: Uint8Array): bigint {
  return mod(BigInt(`0x${Buffer.from(digest).toString('hex')}`));
}

const sid = baseOtSid(Buffer.alloc(32, 1), 1, 2, 0);
const X = 11n;
const T = 13n;
const pointAt = (message: Buffer, k: number): Point => {
  const point = parsePoint(message.subarray(33 * k, 33 * (k + 1)));
  if (!point) throw new RangeError('no point');
  return point;
};

/** A receiver that chooses the other point as X * G and then computes the seeds of both slots from public logarithms. */
function cheat(): { guessed0: Buffer; guessed1: Buffer; seeds0: Buffer; seeds1: Buffer } {
  const random = seededRandom('base OT');
  const r1 = multiplyBase(X);
  const pairs = Array.from({ length: 128 }, (_, m) => {
    const r0 = sumOf(multiplyBase(T), negatePoint(choiceMap(sid, m, 0, r1)));
    return { r0, r1 };
  });
  const answered = answerBaseOt(sid, Buffer.concat(pairs.flatMap(({ r0, r1 }) => [r0, r1])), random);
  if (!answered) throw new RangeError('the points are valid');
  const guesses = pairs.map(({ r0, r1 }, m) => {
    const logarithm = mod(X + logarithmOf(H('eot/h', sid, m, 1, r0)));
    const seed = (c: number, secret: bigint) => {
      const sent = pointAt(answered.message, 2 * m + c);
      return H('eot/key', sid, m, c, r0, r1, sent, multiplySecret(sent, secret));
    };
    return [seed(0, T), seed(1, logarithm)] as const;
  });
  return {
    guessed0: Buffer.concat(guesses.map(([first]) => first)),
    guessed1: Buffer.concat(guesses.map(([, second]) => second)),
    ...answered,
  };
}

/** Seeds at which two lists agree. */
const agreeing = (a: Buffer, b: Buffer) =>
  Array.from({ length: 128 }, (_, m) => m).filter((m) =>
    a.subarray(32 * m, 32 * (m + 1)).equals(b.subarray(32 * m, 32 * (m + 1))),
  ).length;

describe('"h = hash*G" base-OT break', () => {
  afterEach(() => (isWeak = false));

  it('with a map of known logarithm the receiver gets both messages of every OT', () => {
    isWeak = true;
    const { guessed0, guessed1, seeds0, seeds1 } = cheat();
    expect([agreeing(guessed0, seeds0), agreeing(guessed1, seeds1)]).toEqual([128, 128]);
  });

  it('and then reads all choice bits of its peer from u, in every later run', () => {
    isWeak = true;
    const { guessed0, guessed1, seeds0, seeds1 } = cheat();
    const random = seededRandom('extension');
    const context: ExtensionContext = { pairctx: random(32), receiverNonce: random(32) };
    const { message, extension } = startExtension({ seeds0, seeds1 }, context, 752, random);
    const row = rowBytesOf(752);
    const [t0, t1] = [guessed0, guessed1].map((list) => expandedRows(list, context, row)[0]);
    const read = exclusiveOr(message.subarray(0, row), exclusiveOr(t0 ?? message, t1 ?? message));
    expect(read).toEqual(extension.beta);
  });

  it('with our map the same receiver gets the message that it chose, and no other', () => {
    const { guessed0, guessed1, seeds0, seeds1 } = cheat();
    expect([agreeing(guessed0, seeds0), agreeing(guessed1, seeds1)]).toEqual([128, 0]);
  });

  it('our map is not HS*G: no sum of it with the public logarithm is a point that the receiver knows', () => {
    const point = multiplyBase(scalarFromBytes(Buffer.alloc(32, 3)));
    const digest = H('eot/h', sid, 0, 0, point);
    const difference = addPoints(choiceMap(sid, 0, 0, point), negatePoint(multiplyBase(logarithmOf(digest))));
    expect(difference).toBeDefined();
  });
});

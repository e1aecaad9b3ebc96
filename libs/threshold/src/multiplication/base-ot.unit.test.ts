import {
  answerBaseOt,
  BASE_OT_MESSAGE_BYTES,
  baseOtSid,
  type BaseOtChoice,
  chooseBaseOt,
  choiceMap,
  finishBaseOt,
} from './base-ot';
import { H, HS } from '../hash';
import { addPoints, multiplyBase, multiplyPublic, negatePoint, parsePoint, type Point } from '../group/point';
import { bytesToInteger } from '../group/scalar';
import { answerExtension, startExtension } from './ot-extension';
import { seededRandom } from '../testing/seeded-random';
import { INVALID_POINTS } from '../testing/tamper';

const ssid = Buffer.alloc(32, 1);
const sid = baseOtSid(ssid, 1, 2, 0);
const random = seededRandom('base-ot');
const choice = chooseBaseOt(sid, random);
const answer = expectDefined(answerBaseOt(sid, choice.message, random));
const seeds = expectDefined(finishBaseOt(sid, choice, answer.message));

function expectDefined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('undefined');
  return value;
}

const bit = (nabla: Buffer, m: number) => (nabla.readUInt8(m >> 3) >> (m & 7)) & 1;
const seedAt = (list: Buffer, m: number) => list.subarray(32 * m, 32 * m + 32);
const pointAt = (message: Buffer, k: number) => message.subarray(33 * k, 33 * k + 33);

/** Which OTs of the choice give the seed of the chosen slot. */
function matches(choice: BaseOtChoice, seeds: Buffer, answer: { seeds0: Buffer; seeds1: Buffer }): boolean[] {
  return Array.from({ length: 128 }, (_, m) =>
    seedAt(seeds, m).equals(seedAt(bit(choice.nabla, m) ? answer.seeds1 : answer.seeds0, m)),
  );
}

/** Message 1 or 2 with one of its 256 points replaced. */
function replacePoint(message: Buffer, k: number, point: Uint8Array): Buffer {
  const changed = Buffer.from(message);
  changed.set(point, 33 * k);
  return changed;
}

describe('base OT (4)', () => {
  test('the receiver has exactly the seeds of its choice bits', () => {
    expect(matches(choice, seeds, answer)).toEqual(Array<boolean>(128).fill(true));
    for (let m = 0; m < 128; m++) {
      const other = bit(choice.nabla, m) ? answer.seeds0 : answer.seeds1;
      expect(seedAt(seeds, m).equals(seedAt(other, m))).toBe(false);
    }
  });

  test('messages have 8448 bytes', () => {
    expect([choice.message.length, answer.message.length]).toEqual([8448, 8448]);
  });

  test.each([
    ['off the curve', Buffer.from(`02${'5'.padStart(64, '0')}`, 'hex')],
    ['x >= p', Buffer.from(`02${'f'.repeat(64)}`, 'hex')],
    ['prefix 04', Buffer.from(`04${'1'.repeat(64)}`, 'hex')],
    ['identity', Buffer.alloc(33)],
  ])('a point that is invalid (%s) is refused in both slots of both messages', (_, bad) => {
    for (const k of [0, 1, 254, 255]) {
      expect(answerBaseOt(sid, replacePoint(choice.message, k, bad), random)).toBeUndefined();
      expect(finishBaseOt(sid, choice, replacePoint(answer.message, k, bad))).toBeUndefined();
    }
  });

  test.each([
    ['a point less', (message: Buffer) => message.subarray(0, BASE_OT_MESSAGE_BYTES - 33)],
    ['a byte less', (message: Buffer) => message.subarray(0, BASE_OT_MESSAGE_BYTES - 1)],
    ['a byte more', (message: Buffer) => Buffer.concat([message, Buffer.alloc(1)])],
    ['a point more', (message: Buffer) => Buffer.concat([message, message.subarray(0, 33)])],
  ])('another length (%s) is refused', (_, changed) => {
    expect(answerBaseOt(sid, changed(choice.message), random)).toBeUndefined();
    expect(finishBaseOt(sid, choice, changed(answer.message))).toBeUndefined();
  });

  test('M_c = identity is refused', () => {
    const r1 = expectDefined(parsePoint(pointAt(choice.message, 1)));
    const r0 = negatePoint(choiceMap(sid, 0, 0, r1));
    expect(answerBaseOt(sid, replacePoint(choice.message, 0, r0), random)).toBeUndefined();
  });

  test('r_0 = r_1 gives the receiver no seed it can compute', () => {
    const doubled = replacePoint(choice.message, 1, pointAt(choice.message, 0));
    const answered = expectDefined(answerBaseOt(sid, doubled, random));
    const finished = expectDefined(finishBaseOt(sid, choice, answered.message));
    expect(matches(choice, finished, answered)[0]).toBe(false);
  });

  test('swapped indices of two OTs break both', () => {
    const swapped = Buffer.from(answer.message);
    swapped.set(answer.message.subarray(66, 132), 0);
    swapped.set(answer.message.subarray(0, 66), 66);
    const finished = expectDefined(finishBaseOt(sid, choice, swapped));
    expect(matches(choice, finished, answer).slice(0, 3)).toEqual([false, false, true]);
  });

  test('replay under another ssid, direction or pair counter gives other seeds', () => {
    for (const other of [
      baseOtSid(Buffer.alloc(32, 2), 1, 2, 0),
      baseOtSid(ssid, 2, 1, 0),
      baseOtSid(ssid, 1, 2, 1),
    ]) {
      const answered = expectDefined(answerBaseOt(other, choice.message, random));
      const finished = expectDefined(finishBaseOt(other, choice, answered.message));
      expect(matches(choice, finished, answered)).toEqual(Array<boolean>(128).fill(false));
    }
  });

  test('a sender that garbles one string is wrong in that OT only, for that choice only', () => {
    const garbled = replacePoint(answer.message, 1, multiplyBase(3n)); // B_1 of OT 0
    const finished = expectDefined(finishBaseOt(sid, choice, garbled));
    const result = matches(choice, finished, answer);
    expect(result[0]).toBe(bit(choice.nabla, 0) === 0);
    expect(result.slice(1).every(Boolean)).toBe(true);
  });

  test('secrets for the two strings are fresh in every OT', () => {
    const points = Array.from({ length: 256 }, (_, k) => pointAt(answer.message, k).toString('hex'));
    expect(new Set(points).size).toBe(256);
  });
});

describe('attacks on published base OTs (threats 4)', () => {
  test('chosen and other point have the same distribution (chi-square over prefix and x bits)', () => {
    const counts = { chosen: new Array<number>(9).fill(0), other: new Array<number>(9).fill(0) };
    const runs = 4;
    for (let run = 0; run < runs; run++) {
      const { nabla, message } = chooseBaseOt(sid, seededRandom(`distribution ${run}`));
      for (let m = 0; m < 128; m++) {
        for (const c of [0, 1]) {
          const point = pointAt(message, 2 * m + c);
          const tally = c === bit(nabla, m) ? counts.chosen : counts.other;
          const bits = [
            point.readUInt8(0) & 1,
            ...Array.from({ length: 8 }, (_, k) => (point.readUInt8(1) >> k) & 1),
          ];
          bits.forEach((value, k) => (tally[k] = (tally[k] ?? 0) + value));
        }
      }
    }
    const half = (runs * 128) / 2;
    for (const ones of [...counts.chosen, ...counts.other]) {
      expect((2 * (ones - half) ** 2) / half).toBeLessThan(15.2); // p = 0.0001 for each of 18
    }
  });

  test('a receiver that knows the logarithm of X cannot compute the other seed, as it could with h = hash*G', () => {
    // X = x*G. With Hc = eta*G for a public eta the other seed would be H(.., (x + eta) * B_1).
    const [x, t] = [multiplyBase(11n), multiplyBase(13n)];
    const r0 = expectDefined(addPoints(t, negatePoint(choiceMap(sid, 0, 0, x))));
    const message1 = replacePoint(replacePoint(choice.message, 0, r0), 1, x);
    const answered = expectDefined(answerBaseOt(sid, message1, random));
    const [b0, b1] = [0, 1].map((k) => expectDefined(parsePoint(pointAt(answered.message, k))));
    const key = (c: number, sent: Point | undefined, secret: bigint) =>
      sent && H('eot/key', sid, 0, c, r0, x, sent, multiplyPublic(sent, secret));
    expect(key(0, b0, 13n)).toEqual(seedAt(answered.seeds0, 0)); // the seed it may have
    const digest = H('eot/h', sid, 0, 1, r0);
    for (const eta of [
      HS('eot/h', sid, 0, 1, r0),
      bytesToInteger(digest),
      bytesToInteger(H('h2p/x', digest, 0)),
    ]) {
      expect(key(1, b1, 11n + eta)).not.toEqual(seedAt(answered.seeds1, 0));
      expect(key(1, b1, 11n - eta)).not.toEqual(seedAt(answered.seeds1, 0));
    }
  });
});

describe('sender garbling one string -> first extension check (sections 4 and 16)', () => {
  const extend = (m: number) => {
    const garbled = replacePoint(answer.message, 2 * m + 1, multiplyBase(3n)); // B_1 of OT m
    const asSender = { nabla: choice.nabla, seeds: expectDefined(finishBaseOt(sid, choice, garbled)) };
    const context = { pairctx: Buffer.alloc(32, 3), receiverNonce: Buffer.alloc(32, 4) };
    const { message } = startExtension(answer, context, 752, seededRandom(`garbled ${m}`));
    return answerExtension(asSender, context, 752, message);
  };

  test.each([0, 1])('with choice bit %i: found exactly when the garbled string was chosen', (chosen) => {
    const ots = Array.from({ length: 128 }, (_, m) => m).filter((m) => bit(choice.nabla, m) === chosen);
    expect(ots.length).toBeGreaterThan(8);
    for (const m of ots.slice(0, 8)) expect(extend(m) === undefined).toBe(chosen === 1);
  });
});

describe('invalid points in every slot, by every encoding (section 16)', () => {
  test.each(INVALID_POINTS)('%s', (_, bad) => {
    for (const k of [0, 1, 128, 255]) {
      expect(answerBaseOt(sid, replacePoint(choice.message, k, bad), random)).toBeUndefined();
      expect(finishBaseOt(sid, choice, replacePoint(answer.message, k, bad))).toBeUndefined();
    }
  });
});

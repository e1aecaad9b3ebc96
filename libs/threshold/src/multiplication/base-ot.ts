/**
 * Endemic base oblivious transfer (specification section 4; Masny-Rindal 2019, figure 8).
 *
 * Instance (i->j): i, the sender of the later OT extension, receives here with choice bits Nabla; j sends. 128 OTs in two
 * messages. The maps Hc must have unknown discrete logarithms and both points of message 1 the same distribution:
 * published libraries lost keys over each of these.
 */
import { H } from '../hash';
import { hashToPoint, randomPoint } from '../group/hash-to-point';
import {
  addPoints,
  multiplyBase,
  multiplySecret,
  negatePoint,
  parsePoint,
  POINT_BYTES,
  type Point,
  selectPoint,
  wipePoint,
} from '../group/point';
import { type RandomSource } from '../random';
import { randomScalarBytes, SCALAR_BYTES } from '../group/scalar';
import { LAMBDA_C } from '../suite';

/** Length of message 1 and of message 2: two points for each of 128 OTs. */
export const BASE_OT_MESSAGE_BYTES = LAMBDA_C * 2 * POINT_BYTES;
/** Length of a seed of the OT extension. */
export const SEED_BYTES = 32;
/** Length of one list of seeds. */
export const SEED_LIST_BYTES = LAMBDA_C * SEED_BYTES;
/** Length of Nabla, the 128 choice bits. */
export const NABLA_BYTES = LAMBDA_C / 8;

/** What i keeps between the messages; secret. */
export interface BaseOtChoice {
  /** Bit m is bit (m mod 8) of byte floor(m/8). */
  readonly nabla: Buffer;
  /** t_a of each OT, 128 * 32 B. */
  readonly secrets: Buffer;
  /** Message 1 as sent. */
  readonly message: Buffer;
}

/** sid_ij = H("eot/sid", ssid, i, j, pe_ij). */
export function baseOtSid(ssid: Uint8Array, i: number, j: number, pairCounter: number): Buffer {
  return H('eot/sid', ssid, i, j, pairCounter);
}

/** Hc(m, c, P). */
export function choiceMap(sid: Uint8Array, m: number, c: number, point: Point): Point {
  return hashToPoint(H('eot/h', sid, m, c, point));
}

/**
 * Message 1, by i: r_c = t_a*G - Hc(m, c, X), r_{1-c} = X, with c = Nabla[m].
 * The same work and the same memory accesses for both values of each choice bit.
 */
export function chooseBaseOt(sid: Uint8Array, random: RandomSource): BaseOtChoice {
  const nabla = random(NABLA_BYTES);
  const secrets = Buffer.alloc(LAMBDA_C * SCALAR_BYTES);
  const message = Buffer.alloc(BASE_OT_MESSAGE_BYTES);
  for (let m = 0; m < LAMBDA_C; m++) {
    const c = bitOf(nabla, m);
    const secret = randomScalarBytes(random);
    const other = randomPoint(random);
    const chosen = subtract(multiplyBase(secret), choiceMap(sid, m, c, other));
    choiceMap(sid, m, 1 - c, chosen); // the sender's work on these points does not depend on c: neither may ours
    writeSelected(message, 2 * m * POINT_BYTES, c, other, chosen);
    writeSelected(message, (2 * m + 1) * POINT_BYTES, c, chosen, other);
    secrets.set(secret, m * SCALAR_BYTES);
    secret.fill(0);
  }
  return { nabla, secrets, message };
}

/**
 * Message 2, by j: M_0 = r_0 + Hc(m, 0, r_1), M_1 = r_1 + Hc(m, 1, r_0), B_c = t_c*G and
 * k_c = H("eot/key", sid_ij, m, c, r_0, r_1, B_c, t_c*M_c).
 *
 * @param message1 of 8448 bytes
 * @returns `undefined` when a point is invalid or some M_c is the identity
 */
export function answerBaseOt(
  sid: Uint8Array,
  message1: Uint8Array,
  random: RandomSource,
): { readonly message: Buffer; readonly seeds0: Buffer; readonly seeds1: Buffer } | undefined {
  const points = parsePoints(message1);
  if (!points) return undefined;
  const message = Buffer.alloc(BASE_OT_MESSAGE_BYTES);
  const seeds0 = Buffer.alloc(SEED_LIST_BYTES);
  const seeds1 = Buffer.alloc(SEED_LIST_BYTES);
  for (const [m, [r0, r1]] of points.entries()) {
    const masked0 = addPoints(r0, choiceMap(sid, m, 0, r1));
    const masked1 = addPoints(r1, choiceMap(sid, m, 1, r0));
    if (!masked0 || !masked1) return undefined;
    for (const [c, masked, seeds] of [
      [0, masked0, seeds0],
      [1, masked1, seeds1],
    ] as const) {
      const secret = randomScalarBytes(random);
      const sent = multiplyBase(secret);
      const shared = multiplySecret(masked, secret);
      message.set(sent, (2 * m + c) * POINT_BYTES);
      writeSeed(seeds, m, H('eot/key', sid, m, c, r0, r1, sent, shared));
      secret.fill(0);
      shared.fill(0);
    }
  }
  return { message, seeds0, seeds1 };
}

/**
 * The seeds of i: k_{m,c} = H("eot/key", sid_ij, m, c, r_0, r_1, B_c, t_a*B_c). Both B are validated whatever c is.
 *
 * @param message2 of 8448 bytes
 * @returns 128 * 32 B; `undefined` when a point is invalid
 */
export function finishBaseOt(
  sid: Uint8Array,
  choice: BaseOtChoice,
  message2: Uint8Array,
): Buffer | undefined {
  const points = parsePoints(message2);
  if (!points) return undefined;
  const seeds = Buffer.alloc(SEED_LIST_BYTES);
  for (const [m, [b0, b1]] of points.entries()) {
    const c = bitOf(choice.nabla, m);
    const chosen = selectPoint(c, b1, b0);
    const shared = multiplySecret(chosen, choice.secrets.subarray(m * SCALAR_BYTES, (m + 1) * SCALAR_BYTES));
    const r0 = choice.message.subarray(2 * m * POINT_BYTES, (2 * m + 1) * POINT_BYTES);
    const r1 = choice.message.subarray((2 * m + 1) * POINT_BYTES, (2 * m + 2) * POINT_BYTES);
    writeSeed(seeds, m, H('eot/key', sid, m, c, r0, r1, chosen, shared));
    shared.fill(0);
    wipePoint(chosen);
  }
  return seeds;
}

type PointPair = readonly [Point, Point];

function parsePoints(message: Uint8Array): PointPair[] | undefined {
  if (message.length !== BASE_OT_MESSAGE_BYTES) return undefined;
  const pairs: PointPair[] = [];
  for (let offset = 0; offset < BASE_OT_MESSAGE_BYTES; offset += 2 * POINT_BYTES) {
    const first = parsePoint(message.subarray(offset, offset + POINT_BYTES));
    const second = parsePoint(message.subarray(offset + POINT_BYTES, offset + 2 * POINT_BYTES));
    if (!first || !second) return undefined;
    pairs.push([first, second]);
  }
  return pairs;
}

function bitOf(bits: Buffer, m: number): number {
  return (bits.readUInt8(m >> 3) >> (m & 7)) & 1;
}

/** Writes `ifOne` when bit is 1, else `ifZero`, without a branch or an index that depends on the bit. */
function writeSelected(target: Buffer, offset: number, bit: number, ifOne: Buffer, ifZero: Buffer): void {
  const mask = -bit;
  for (let k = 0; k < POINT_BYTES; k++) {
    const zero = ifZero.readUInt8(k);
    target[offset + k] = zero ^ (mask & (zero ^ ifOne.readUInt8(k)));
  }
}

function writeSeed(seeds: Buffer, m: number, seed: Buffer): void {
  seeds.set(seed, m * SEED_BYTES);
  seed.fill(0);
}

/** a - b for independent random points: the identity has probability 2^-256. */
function subtract(a: Point, b: Point): Point {
  const difference = addPoints(a, negatePoint(b));
  if (!difference) throw new RangeError('two random points are equal');
  return difference;
}

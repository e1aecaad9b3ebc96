/**
 * Endemic base oblivious transfer (specification section 4; Masny-Rindal 2019, figure 8).
 *
 * Instance (i->j): i, the sender of the later OT extension, receives here with choice bits Nabla; j sends. 128 OTs in two
 * messages. The maps Hc must have unknown discrete logarithms and both points of message 1 the same distribution:
 * published libraries lost keys over each of these.
 */
import { H } from '../hash';
import { hashToPoint, hashToPointEach, randomPoint } from '../group/hash-to-point';
import { negatePoint, POINT_BYTES, type Point, selectPoint, wipePoint } from '../group/point';
import { addEach, multiplyBaseEach, multiplySecretEach, parsePointEach } from '../group/point-batch';
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
  return hashToPoint(choiceDigest(sid, m, c, point));
}

/** Digest of which Hc(m, c, P) is the point. */
function choiceDigest(sid: Uint8Array, m: number, c: number, point: Buffer): Buffer {
  return H('eot/h', sid, m, c, point);
}

/**
 * Message 1, by i: r_c = t_a*G - Hc(m, c, X), r_{1-c} = X, with c = Nabla[m].
 * The same work and the same memory accesses for both values of each choice bit.
 */
export function chooseBaseOt(sid: Uint8Array, random: RandomSource): BaseOtChoice {
  const nabla = random(NABLA_BYTES);
  const drawn = Array.from({ length: LAMBDA_C }, () => ({
    secret: randomScalarBytes(random),
    other: randomPoint(random),
  }));
  const sums = multiplyBaseEach(drawn.map(({ secret }) => secret));
  const maps = hashToPointEach(drawn.map(({ other }, m) => choiceDigest(sid, m, bitOf(nabla, m), other)));
  const chosen = subtractEach(sums, maps);
  // the sender's work on these points does not depend on c: neither may ours
  hashToPointEach(chosen.map((point, m) => choiceDigest(sid, m, 1 - bitOf(nabla, m), point)));

  const secrets = Buffer.alloc(LAMBDA_C * SCALAR_BYTES);
  const message = Buffer.alloc(BASE_OT_MESSAGE_BYTES);
  for (const [m, { secret, other }] of drawn.entries()) {
    const [c, point] = [bitOf(nabla, m), chosen[m] ?? other];
    writeSelected(message, 2 * m * POINT_BYTES, c, other, point);
    writeSelected(message, (2 * m + 1) * POINT_BYTES, c, point, other);
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
  const slots = points.flatMap(([r0, r1], m) => [
    { m, c: 0, own: r0, other: r1 },
    { m, c: 1, own: r1, other: r0 },
  ]);
  const maps = hashToPointEach(slots.map(({ m, c, other }) => choiceDigest(sid, m, c, other)));
  const masked = addEach(slots.map(({ own }, k) => [own, maps[k] ?? own]));
  const secrets = slots.map(() => randomScalarBytes(random));
  const sent = multiplyBaseEach(secrets);
  const terms = secrets.flatMap((secret, k): [Point, Buffer][] => {
    const point = masked[k];
    return point ? [[point, secret]] : [];
  });
  if (terms.length < slots.length) return undefined;
  const shared = multiplySecretEach(terms);

  const message = Buffer.concat(sent);
  const [seeds0, seeds1] = [Buffer.alloc(SEED_LIST_BYTES), Buffer.alloc(SEED_LIST_BYTES)];
  for (const [m, [r0, r1]] of points.entries()) {
    for (const [c, seeds] of [seeds0, seeds1].entries()) {
      const k = 2 * m + c;
      const [b, product] = [sent[k], shared[k]];
      if (!b || !product) throw new RangeError('as many products as points');
      writeSeed(seeds, m, H('eot/key', sid, m, c, r0, r1, b, product));
      wipePoint(product);
    }
  }
  for (const secret of secrets) secret.fill(0);
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
  const { nabla, secrets, message } = choice;
  const chosen = points.map(([b0, b1], m) => selectPoint(bitOf(nabla, m), b1, b0));
  const shared = multiplySecretEach(
    chosen.map((point, m) => [point, secrets.subarray(m * SCALAR_BYTES, (m + 1) * SCALAR_BYTES)]),
  );
  const seeds = Buffer.alloc(SEED_LIST_BYTES);
  for (const [m, point] of chosen.entries()) {
    const product = shared[m];
    if (!product) throw new RangeError('as many products as points');
    const r0 = message.subarray(2 * m * POINT_BYTES, (2 * m + 1) * POINT_BYTES);
    const r1 = message.subarray((2 * m + 1) * POINT_BYTES, (2 * m + 2) * POINT_BYTES);
    writeSeed(seeds, m, H('eot/key', sid, m, bitOf(nabla, m), r0, r1, point, product));
    wipePoint(product);
    wipePoint(point);
  }
  return seeds;
}

type PointPair = readonly [Point, Point];

function parsePoints(message: Uint8Array): PointPair[] | undefined {
  if (message.length !== BASE_OT_MESSAGE_BYTES) return undefined;
  const points = parsePointEach(
    Array.from({ length: 2 * LAMBDA_C }, (_, k) => message.subarray(k * POINT_BYTES, (k + 1) * POINT_BYTES)),
  );
  const pairs = Array.from({ length: LAMBDA_C }, (_, m) => [points[2 * m], points[2 * m + 1]] as const);
  return pairs.every((pair): pair is PointPair => pair[0] !== undefined && pair[1] !== undefined)
    ? pairs
    : undefined;
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

/** a - b of each, for independent random points: the identity has probability 2^-256. */
function subtractEach(a: readonly Point[], b: readonly Point[]): Point[] {
  const differences = addEach(a.map((point, k) => [point, negatePoint(b[k] ?? point)]));
  return differences.map((difference) => {
    if (!difference) throw new RangeError('two random points are equal');
    return difference;
  });
}

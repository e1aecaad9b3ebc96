import { addPoints, multiplyBase, type Point } from '../group/point';
import { type Payload, type Tamper } from './plain-ceremony';

/** A change of bytes in place. */
export type Change = (bytes: Buffer) => void;

/** Changes one payload of a plain run, as one receiver sees it. */
export function alter(which: Pick<Payload, 'from' | 'to' | 'round' | 'kind'>, change: Change): Tamper {
  const { from, to, round, kind } = which;
  return (payload) => {
    const isIt =
      payload.from === from && payload.to === to && payload.round === round && payload.kind === kind;
    if (isIt) change(payload.bytes);
  };
}

/** Flips the lowest bit of the byte at `position`. */
export function flipBit(position: number): Change {
  return (bytes) => {
    bytes[position] = (bytes[position] ?? 0) ^ 1;
  };
}

export function overwrite(position: number, part: Uint8Array): Change {
  return (bytes) => bytes.set(part, position);
}

const FIELD_PRIME = Buffer.from('fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f', 'hex');
const VALID = multiplyBase(7n);

/** 33 bytes that are no point, by what is wrong with them (specification section 1). */
export const INVALID_POINTS: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['x = p', Buffer.concat([Buffer.of(2), FIELD_PRIME])],
  ['x > p', Buffer.concat([Buffer.of(3), Buffer.alloc(32, 0xff)])],
  ['x on no point', Buffer.concat([Buffer.of(2), Buffer.alloc(31), Buffer.of(5)])],
  ['x = 0', Buffer.concat([Buffer.of(2), Buffer.alloc(32)])],
  ...[0, 1, 4, 5, 6, 7, 0xff].map((prefix): [string, Buffer] => [
    `prefix ${prefix.toString(16).padStart(2, '0')}`,
    Buffer.concat([Buffer.of(prefix), VALID.subarray(1)]),
  ]),
  ['identity (zeros)', Buffer.alloc(33)],
];

/** The sum of points that is not the identity. */
export function sumOf(...points: readonly Point[]): Point {
  const sum = addPoints(...points);
  if (!sum) throw new RangeError('the identity');
  return sum;
}

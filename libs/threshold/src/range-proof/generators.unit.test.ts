import { createHash } from 'node:crypto';
import { multiplyBase, parsePoint, type Point } from '../group/point';
import { hashToPoint } from '../group/hash-to-point';
import { H } from '../hash';
import { type Generators, generators } from './generators';

const all = ({ valueBase, blindingBase, innerProductBase, g, h }: Generators): Point[] => [
  valueBase,
  blindingBase,
  innerProductBase,
  ...g,
  ...h,
];

describe('generators', () => {
  test('come from the hash to the curve, but for G', () => {
    const { valueBase, blindingBase, innerProductBase, g, h } = generators(3);
    expect(valueBase).toEqual(multiplyBase(1n));
    expect(blindingBase).toEqual(hashToPoint(H('rp/generator', 'h')));
    expect(innerProductBase).toEqual(hashToPoint(H('rp/generator', 'u')));
    expect(g).toEqual([0, 1, 2].map((i) => hashToPoint(H('rp/generator', 'G', i))));
    expect(h).toEqual([0, 1, 2].map((i) => hashToPoint(H('rp/generator', 'H', i))));
  });

  test('are points, no two of them equal or opposite', () => {
    const points = all(generators(1024));
    expect(points.every((point) => parsePoint(point))).toBe(true);
    expect(new Set(points.map((point) => point.toString('hex', 1))).size).toBe(3 + 2 * 1024);
  });

  test('do not depend on the length asked for, nor on the order of asking', () => {
    const long = generators(64);
    const short = generators(8);
    expect([short.g, short.h]).toEqual([long.g.slice(0, 8), long.h.slice(0, 8)]);
    expect([generators(0).g, generators(0).h]).toEqual([[], []]);
  });

  test('known answer', () => {
    const digest = createHash('sha256').update(Buffer.concat(all(generators(1024))));
    expect(digest.digest('hex')).toMatchInlineSnapshot(
      `"9f689080abc573e268ccd9551f5be020aa4f142c77e0deca6bbbc52311a7cbad"`,
    );
  });
});

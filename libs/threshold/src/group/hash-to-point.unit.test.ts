import { choiceMap } from '../multiplication/base-ot';
import { H, HS } from '../hash';
import { hashToPoint, hashToPointEach, randomPoint } from './hash-to-point';
import { multiplyBase, parsePoint } from './point';
import { seededRandom } from '../testing/seeded-random';

const digests = Array.from({ length: 400 }, (_, k) => H('eot/h', k));

describe('hash to point (1.2)', () => {
  test('is the first candidate of the try-and-increment sequence on the curve', () => {
    for (const digest of digests.slice(0, 50)) {
      const candidates = Array.from({ length: 100 }, (_, counter) =>
        Buffer.concat([
          Buffer.from([2 | (H('h2p/s', digest, counter).readUInt8(0) & 1)]),
          H('h2p/x', digest, counter),
        ]),
      );
      expect(hashToPoint(digest)).toEqual(candidates.find((candidate) => parsePoint(candidate)));
    }
  });

  test('has no known discrete logarithm: it is not a scalar hash times G', () => {
    for (const digest of digests.slice(0, 50)) {
      expect(hashToPoint(digest)).not.toEqual(multiplyBase(HS('eot/h', digest)));
      expect(hashToPoint(digest)).not.toEqual(multiplyBase(digest));
    }
  });

  test('of many digests at once it is the same', () => {
    expect(hashToPointEach(digests)).toEqual(digests.map(hashToPoint));
  });

  test('both signs are equally frequent (chi-square, 1 degree of freedom)', () => {
    for (const points of [digests.map(hashToPoint), digests.map(() => randomPoint(random))]) {
      const odd = points.filter((point) => point[0] === 3).length;
      const expected = points.length / 2;
      expect((2 * (odd - expected) ** 2) / expected).toBeLessThan(10.8); // p = 0.001
    }
  });

  test('known answer of Hc', () => {
    const sid = Buffer.alloc(32, 9);
    expect(choiceMap(sid, 3, 1, multiplyBase(2n)).toString('hex')).toMatchInlineSnapshot(
      `"0268a2aa73cd38ae9d8d1605af8f926e596394cf07fc6746bba877bc1b53171e11"`,
    );
  });
});

const random = seededRandom('hash-to-point');

import { secp256k1 } from '@noble/curves/secp256k1.js';
import { combineShares } from './combine';
import { onlineShare, rerandomise, type SigningRequest } from './online';
import { multiplyBase, negatePoint, parsePoint, type Point, tweakAdd } from '../group/point';
import { isConsumed, type Presignature } from '../presign/presignature';
import { Q, scalarToBytes } from '../group/scalar';

const deltas: bigint[] = [];
const inputs: unknown[][] = [];
jest.mock('../hash', () => ({
  ...jest.requireActual<object>('../hash'),
  HS: (...parts: unknown[]) => {
    inputs.push(parts);
    return deltas.shift() ?? 1n;
  },
}));

const publicKey = multiplyBase(3n);
const request: SigningRequest = {
  publicKey,
  child: { tweak: 0n, publicKey },
  message32: Buffer.alloc(32, 1),
  requestNonce: Buffer.alloc(32, 2),
  committee: [1, 2],
};

/** The curve point with the smallest x that is at least `from`; nobody knows its logarithm. */
function pointBeyond(from: bigint): Point {
  for (let x = from; ; x++) {
    const point = parsePoint(Buffer.from(`02${x.toString(16)}`, 'hex'));
    if (point) return point;
  }
}

function presignatureWith(R: Point): Presignature {
  const [phi, u, v] = [scalarToBytes(5n), scalarToBytes(6n), scalarToBytes(7n)];
  return { presignatureId: Buffer.alloc(32, 3), R, ownNoncePoint: R, phi, u, v };
}

describe('presignatures that must be burnt (sections 8.3 and 8.6)', () => {
  it('delta = 0 is resampled with a counter', () => {
    deltas.push(0n, 0n, 4n);
    inputs.length = 0;
    expect(rerandomise(Buffer.alloc(32), publicKey, request)?.delta).toBe(4n);
    expect(inputs.map((parts) => parts.length - (inputs[0]?.length ?? 0))).toEqual([0, 1, 1]);
    expect(inputs.slice(1).map((parts) => parts.at(-1))).toEqual([1, 2]);
  });

  it("R' is the identity -> burn, and the presignature is wiped", () => {
    deltas.push(9n);
    const presignature = presignatureWith(negatePoint(multiplyBase(9n)));
    expect(onlineShare(presignature, request)).toEqual({ kind: 'burn' });
    expect(isConsumed(presignature)).toBe(true);
  });

  it.each([
    ["r'_x = 0, for x(R') = q", Q, true],
    ["x(R') > q, which needs a recovery id of 2 or 3", Q + 1n, false],
  ])('%s -> burn, at signers and combiner', (_name, from, isZero) => {
    const target = pointBeyond(from);
    const { x } = secp256k1.Point.fromHex(target.toString('hex'));
    expect([x >= Q, x === Q]).toEqual([true, isZero]);
    const R = tweakAdd(target, Q - 9n);
    if (!R) throw new RangeError('not the identity');
    deltas.push(9n, 9n);
    const presignature = presignatureWith(R);
    expect(onlineShare(presignature, request)).toEqual({ kind: 'burn' });
    expect(isConsumed(presignature)).toBe(true);
    const { presignatureId } = presignature;
    const combine = () => combineShares({ presignatureId, R, request, shares: new Map() });
    expect(combine).toThrow('UNATTRIBUTED: combine.burn');
  });
});

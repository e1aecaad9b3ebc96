/** From verified dealings to the key (specification section 3, end of round 3). */
import { ProtocolFailure } from '../errors';
import { addPoints, multiplyBase, type Point } from '../group/point';
import { type Commitments, evaluateCommitments } from '../sharing/polynomial';
import { addScalarBytes } from '../group/scalar';

/** The public side of the key. */
export interface PublicKeyMaterial {
  /** pk = F_0. */
  readonly publicKey: Point;
  /** P_m = sum_k m^k * F_k of every party m. */
  readonly publicShares: ReadonlyMap<number, Point>;
}

/**
 * F_k = sum_j A_jk, pk and all P_m.
 *
 * @throws ProtocolFailure UNATTRIBUTED when one of them is the identity
 */
export function aggregatePublicKey(
  dealers: readonly Commitments[],
  parties: readonly number[],
): PublicKeyMaterial {
  const degrees = dealers[0]?.keys() ?? [];
  const sums = [...degrees].map((k) =>
    orFail(addPoints(...dealers.flatMap((commitments) => commitments[k] ?? []))),
  );
  const publicShares = new Map(parties.map((m) => [m, orFail(evaluateCommitments(sums, m))]));
  return { publicKey: orFail(sums[0]), publicShares };
}

/**
 * s_i = sum_j f_j(i), 32 bytes big-endian, checked against P_i.
 *
 * @param own f_i(i)
 * @param received f_j(i) of every other dealer, each already checked against its commitments
 * @throws ProtocolFailure UNATTRIBUTED when s_i*G is not P_i
 */
export function aggregateShare(
  own: Buffer,
  received: readonly Buffer[],
  publicShare: Point | undefined,
): Buffer {
  let share: Buffer = Buffer.from(own);
  for (const term of received) {
    const sum = addScalarBytes(share, term);
    share.fill(0);
    share = sum;
  }
  if (!publicShare || !multiplyBase(share).equals(publicShare)) {
    throw new ProtocolFailure('UNATTRIBUTED', 'keygen.r3.own-share');
  }
  return share;
}

function orFail(point: Point | undefined): Point {
  if (!point) throw new ProtocolFailure('UNATTRIBUTED', 'keygen.r3.identity');
  return point;
}

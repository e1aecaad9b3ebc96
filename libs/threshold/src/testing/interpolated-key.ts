import { type DealtShare } from '../keygen/key-share';
import { lagrangeCoefficient } from '../sharing/polynomial';
import { groupOf } from '../suite';

/** sum lambda_i * s_i * G over exactly these shares, hex: the public key if they are enough and of one epoch. */
export function interpolatedKey(shares: readonly DealtShare[]): string | undefined {
  const [first] = shares;
  if (!first) throw new RangeError('no shares');
  const group = groupOf(first.suite);
  const indices = shares.map((share) => share.index);
  const terms = shares.map((share) => {
    const point = group.multiplyBase(share.share);
    return group.multiplyPublic(point, lagrangeCoefficient(group, indices, share.index));
  });
  return group.addPoints(...terms)?.toString('hex');
}

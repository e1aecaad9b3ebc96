/**
 * The public side of one signature (RFC 9591, sections 4.3 to 4.6 and 5.2): binding factors over the key, the message and
 * the whole list of commitments, the group's nonce point, the challenge, and what each member's secrets are multiplied by.
 */
import { ProtocolFailure } from '../errors';
import { type Group } from '../group/group';
import { type Point } from '../group/point';
import { mod } from '../group/scalar';
import { lagrangeCoefficient } from '../sharing/polynomial';
import { type Ciphersuite, isOdd, scalarBytes } from './ciphersuite';
import { type Commitment } from './nonce';
import { type SigningKey } from './signing-key';

/** z_j = hiding * d_j + binding * e_j + key * s_j + constant, modulo the order. Public. */
export interface Coefficients {
  /** 1 or -1. */
  readonly hiding: bigint;
  readonly binding: bigint;
  readonly key: bigint;
  readonly constant: bigint;
}

export interface SigningEquation {
  /** R, before a sign is chosen for it. */
  readonly noncePoint: Point;
  /** By member. */
  readonly coefficients: ReadonlyMap<number, Coefficients>;
}

/**
 * @param commitments of the members, ascending
 * @throws ProtocolFailure UNATTRIBUTED `frost.nonce` when R is the identity or the challenge is 0 (probability 2^-252)
 */
export function signingEquation(
  suite: Ciphersuite,
  key: SigningKey,
  commitments: ReadonlyMap<number, Commitment>,
  message: Uint8Array,
): SigningEquation {
  const { group } = suite;
  const { order } = group;
  const factors = bindingFactors(suite, key.point, commitments, message);
  const noncePoint = groupCommitment(group, commitments, factors);
  const challenge = noncePoint && suite.challenge(noncePoint, key.point, message);
  if (!noncePoint || !challenge) throw new ProtocolFailure('UNATTRIBUTED', 'frost.nonce');

  const sign = suite.xOnly && isOdd(noncePoint) ? order - 1n : 1n;
  const members = [...commitments.keys()];
  const coefficients = new Map<number, Coefficients>();
  for (const [j, factor] of factors) {
    const weight = mod(challenge * lagrangeCoefficient(group, members, j), order);
    coefficients.set(j, {
      hiding: sign,
      binding: mod(sign * factor, order),
      key: mod(weight * key.factor, order),
      constant: mod(weight * key.offset, order),
    });
  }
  return { noncePoint, coefficients };
}

/** rho_j = H1(key || H4(message) || H5((j, D_j, E_j) of all members) || j) (section 4.4). */
export function bindingFactors(
  suite: Ciphersuite,
  publicKey: Point,
  commitments: ReadonlyMap<number, Commitment>,
  message: Uint8Array,
): Map<number, bigint> {
  const identifier = (j: number) => suite.encodeScalar(scalarBytes(BigInt(j)));
  const list = [...commitments].flatMap(([j, { hiding, binding }]) => [identifier(j), hiding, binding]);
  const listHash = suite.hashCommitments(Buffer.concat(list));
  const prefix = Buffer.concat([publicKey, suite.hashMessage(message), listHash]);
  const members = [...commitments.keys()];
  return new Map(members.map((j) => [j, suite.bindingFactor(Buffer.concat([prefix, identifier(j)]))]));
}

/** R = sum of D_j + rho_j * E_j (section 4.5). */
function groupCommitment(
  group: Group,
  commitments: ReadonlyMap<number, Commitment>,
  factors: ReadonlyMap<number, bigint>,
): Point | undefined {
  const terms = [...commitments].flatMap(([j, { hiding, binding }]) => [
    hiding,
    group.multiplyPublic(binding, factors.get(j) ?? 0n),
  ]);
  return group.addPoints(...terms);
}

import { type Group } from '../group/group';
import { type Point } from '../group/point';
import { mod } from '../group/scalar';
import { H } from '../hash';
import { type SchnorrKeyShare } from '../keygen/key-share';
import { type RandomSource } from '../random';
import { keyIdOf } from '../session/session-id';
import { groupOf, type SchnorrSuiteId } from '../suite';
import { identityOf } from './trusted-dealer';

/** f(1) .. f(n) of a polynomial over the scalars of the group, 32 B big-endian each. */
function shares(group: Group, polynomial: readonly bigint[], parties: number): Map<number, Buffer> {
  const at = (x: number) => polynomial.reduceRight((sum, a) => mod(sum * BigInt(x) + a, group.order), 0n);
  return new Map(Array.from({ length: parties }, (_, k) => [k + 1, bytesOf(at(k + 1))]));
}

/**
 * The key shares for FROST that an honest key generation would leave.
 *
 * @param polynomial the coefficients, where a test knows them; their number is the threshold
 */
export function dealSchnorrKey(
  suite: SchnorrSuiteId,
  threshold: number,
  parties: number,
  random: RandomSource,
  { polynomial, epoch = 0 }: { polynomial?: readonly bigint[]; epoch?: number } = {},
): { secretKey: bigint; shares: Map<number, SchnorrKeyShare> } {
  const group = groupOf(suite);
  const coefficients =
    polynomial ?? Array.from({ length: threshold }, () => integerOf(group.randomScalar(random)));
  const secretKey = coefficients[0] ?? 0n;
  const publicKey = group.multiplyBase(bytesOf(secretKey));
  const dealt = shares(group, coefficients, parties);
  const publicShares = new Map<number, Point>([...dealt].map(([j, share]) => [j, group.multiplyBase(share)]));
  const identities = new Map([...dealt.keys()].map((j) => [j, Buffer.from(identityOf(j).identityKey)]));
  const chainCode = random(32);
  const facts = { suite, epoch, threshold, publicKey, publicShares, identities, chainCode };
  const certificate = {
    ...facts,
    sid: H('sid', 'dealt'),
    ssid: H('dkg/ssid', 'dealt'),
    transcript: H('dkg/r2', 'dealt'),
    signatures: new Map<number, Buffer>(),
  };
  const keyId = keyIdOf(publicKey);
  return {
    secretKey,
    shares: new Map(
      [...dealt].map(([index, share]) => [index, { ...facts, keyId, parties, index, share, certificate }]),
    ),
  };
}

function bytesOf(scalar: bigint): Buffer {
  return Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex');
}

function integerOf(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`);
}

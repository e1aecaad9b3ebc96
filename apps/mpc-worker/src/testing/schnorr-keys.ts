import {
  createNonceSession,
  createSchnorrKeygenSession,
  type NonceBatch,
  type SchnorrKeyShare,
  systemRandom,
} from '@quorate/threshold';
import { deliverAll, facts, type TestNode } from './test-nodes';

/** Shares of a Schnorr key, by index. */
export type SchnorrShares = ReadonlyMap<number, SchnorrKeyShare>;

/** A key of all these nodes, made by a real key generation. */
export function generateSchnorrKey(
  nodes: readonly TestNode[],
  threshold: number,
  suite: 3 | 4,
): SchnorrShares {
  const start = { ...facts(nodes, threshold, nodes.length), suite, purpose: 'dkg' as const };
  return deliverAll(
    new Map(
      nodes.map(({ index, sign }) => {
        return [index, createSchnorrKeygenSession({ start, index, sign, random: systemRandom })];
      }),
    ),
  );
}

/** Nonces of these nodes, by index, from a real session. */
export function prepareNonces(
  shares: SchnorrShares,
  committee: readonly TestNode[],
  batch: number,
): Map<number, NonceBatch> {
  const [share] = shares.values();
  if (share === undefined) throw new Error('a key has shares');
  const { suite, keyId, epoch, threshold, parties } = share;
  const common = facts(committee, threshold, parties);
  const start = { ...common, suite, purpose: 'presign' as const, keyId, epoch, batch };
  return deliverAll(
    new Map(
      committee.map(({ index, sign }) => {
        const keyShare = shares.get(index);
        if (keyShare === undefined) throw new Error(`node ${index} has no share`);
        return [index, createNonceSession({ start, index, sign, random: systemRandom, keyShare })];
      }),
    ),
  );
}

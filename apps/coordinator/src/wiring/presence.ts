import { type KeyRegistry } from '../key-registry/key-registry';
import { anyCommittee, type NodeHealth } from '../presignature-stock/committees';
import { type CommitteeHealth } from '../presignature-stock/presignature-stock';
import { type NodePresence } from '../presignature-stock/stock-keeper';
import { type Shared } from './shared';

/** Which nodes can be given work, from what sessions, heartbeats, answers and quarantine say together. */
export function wirePresence(
  { sessions, reports, quarantine, pulse }: Shared,
  keys: Pick<KeyRegistry, 'usable'>,
): CommitteeHealth & NodePresence {
  const isAvoided = (keyId: string, node: string) =>
    quarantine.isAvoided(node) || reports.halted({ keyId, requesters: [] }).includes(node);
  const of = (keyId: string): NodeHealth => ({
    isLive: (node) => sessions.readyBootId(node) !== undefined,
    isAvoided: (node) => isAvoided(keyId, node),
    hasDeadPair: (committee) => reports.hasDeadPair(keyId, committee),
  });
  return {
    of,
    isAvoided,
    isLive: (node, bootId) => sessions.readyBootId(node) === bootId,
    hasDeadPair: (keyId, committee) => reports.hasDeadPair(keyId, committee),
    deadPairs: (keyId) => reports.deadPairs(keyId),
    canAvoid: (keyId, excluded) => {
      const key = keys.usable(keyId);
      if (key === undefined) return false;
      const health = of(keyId);
      const sound = key.participants.filter(
        (node) => health.isLive(node) && !health.isAvoided(node) && !excluded.includes(node),
      );
      return anyCommittee(sound, key.threshold, health.hasDeadPair) !== undefined;
    },
    doubts: (committee) => quarantine.doubts(committee),
    load: (node) => pulse.owedBy(node),
    isCurrent: (keyId, epoch) => keys.usable(keyId)?.epoch === epoch,
    given: (committee) => quarantine.given(committee),
    refresh: (tx) => quarantine.refresh(tx),
  };
}

import { Broadcaster } from '../broadcast/broadcaster';
import { ForeignNonces } from '../broadcast/foreign-nonces';
import { HeadWatcher } from '../broadcast/head-watcher';
import { LostFinals } from '../broadcast/lost-finals';
import { Observations } from '../broadcast/observations';
import { SignedElsewhere } from '../broadcast/signed-elsewhere';
import { ChainRecorder } from '../endpoints/chain-recorder';
import { ForeignAlarm } from '../foreign/foreign-alarm';
import { UnknownNonces } from '../foreign/unknown-nonces';
import { StuckTransactions } from '../lane/stuck-transactions';
import { ChainMetrics } from '../metrics/chain-metrics';
import { type LaneRoom } from './lane-room';
import { type Shared } from './shared';

export interface ChainRoom {
  readonly watcher: HeadWatcher;
  readonly broadcaster: Broadcaster;
  /** What other replicas had signed. */
  readonly elsewhere: SignedElsewhere;
  /** Whether the chain was followed within the last `milliseconds`. */
  readonly hasFollowed: (milliseconds: number) => boolean;
  readonly stop: () => Promise<void>;
}

/** What is sent to the chain, and what is seen of it. */
export function wireChainRoom(shared: Shared, { leases, workers, replacements }: LaneRoom): ChainRoom {
  const { config, store, chain, chainId, outcomes, records, memory, metrics, logger, now } = shared;
  const chainMetrics = new ChainMetrics(metrics, () => chain.suspicion());
  const onSentAgain = () => chainMetrics.rebroadcasts.inc();
  const observations = new Observations(store, outcomes, memory, leases);
  const broadcaster: Broadcaster = new Broadcaster({
    ...{ ...shared, observations, onSentAgain },
    headNumber: () => watcher.head?.number,
    wakeLane: (lane) => workers.wake(lane),
  });
  const elsewhere = new SignedElsewhere({ ...shared, leases, broadcaster });
  const stuck = new StuckTransactions({ ...shared, replacements });
  const recorder = new ChainRecorder(shared);
  const alarm = new ForeignAlarm(metrics, logger, config.HALT_ON_FOREIGN ? records : undefined);
  const unknownNonces = new UnknownNonces({ ...shared, alarm });
  const lostFinals = new LostFinals({ ...shared, onSentAgain });
  const foreign = new ForeignNonces({
    ...{ ...shared, leases, alarm },
    onSuspected: ({ identity, lane, nonce }) =>
      recorder.noteForeignNonce({ ...identity, chainId, from: lane.address, nonce: String(nonce) }),
  });
  let isFollowed = false;
  let followedAt: number | undefined;
  const watcher: HeadWatcher = new HeadWatcher({
    ...{ ...shared, leases, observations, broadcaster },
    onHead: (block) => {
      stuck.onHead(block);
      foreign.onHead(block);
      unknownNonces.onHead();
      lostFinals.onHead();
      // What was included made room in the window of its lane.
      void workers.sweep();
    },
    onReorg: (depth) => chainMetrics.reorgDepth.observe(depth),
    onState: (following, reason) => {
      // Lanes do nothing before the first block.
      if (following) followedAt = now();
      if (following && !isFollowed) {
        void leases.lookAround();
        void workers.sweep();
      }
      isFollowed = following;
      shared.health.set('chain', following, reason);
    },
  });
  chain.onEvent((event) => recorder.note(event));
  chain.onEvent(({ kind }) => {
    if (kind === 'trusted') lostFinals.onTrusted();
    if (kind === 'suspect' || kind === 'trusted')
      shared.health.set('chain-trust', chain.suspicion() === undefined, chain.suspicion());
  });
  return {
    ...{ watcher, broadcaster, elsewhere },
    hasFollowed: (milliseconds) => followedAt !== undefined && now() - followedAt < milliseconds,
    stop: async () => {
      watcher.stop();
      broadcaster.stop();
      await recorder.stop();
      // Who waits for an endpoint that does not answer would hold up the end of the process.
      chain.close();
      await Promise.all([stuck, unknownNonces, lostFinals].map((part) => part.stop()));
    },
  };
}

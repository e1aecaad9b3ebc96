import { Fillers } from '../lane/fillers';
import { type LaneId } from '../lane/lane';
import { LaneAdvance } from '../lane/lane-advance';
import { LaneCalls } from '../lane/lane-calls';
import { LaneLeases } from '../lane/lane-leases';
import { LaneWorkers } from '../lane/lane-workers';
import { leaseMs } from '../lane/lease-table';
import { Replacements } from '../lane/replacements';
import { type ChainRoom } from './chain-room';
import { type Shared } from './shared';

export interface LaneRoom {
  readonly leases: LaneLeases;
  readonly calls: LaneCalls;
  readonly workers: LaneWorkers;
  readonly replacements: Replacements;
  /** An attempt that was signed in advance may be sent. */
  readonly onReleased: (lane: LaneId, hash: string) => void;
}

/** Who holds a lane, and what a lane does in its turn. @param chainRoom not asked before anything has started */
export function wireLaneRoom(shared: Shared, chainRoom: () => ChainRoom): LaneRoom {
  const { config, store, chainId, records, inFlight, logger, onFatal } = shared;
  const leases = new LaneLeases({
    ...{ store, chainId, logger, onFatal },
    canWork: () => chainRoom().hasFollowed(leaseMs),
    onTaken: (lanes) => {
      chainRoom().watcher.lanesTaken();
      for (const lane of lanes) workers.wake(lane);
    },
    onLost: (lanes) => {
      inFlight.removeLanes(lanes);
      chainRoom().broadcaster.forget(lanes);
    },
  });
  const calls = new LaneCalls({
    ...{ store, chainId, leases, logger },
    onCall: (lane) => workers.wake(lane),
    onSigned: (hashes) => chainRoom().elsewhere.send(hashes),
  });
  const onReleased: LaneRoom['onReleased'] = (lane, hash) =>
    leases.holds(lane) ? chainRoom().elsewhere.send([hash]) : calls.call(lane, hash);
  const head = () => chainRoom().watcher.head;
  const replacements = new Replacements({ ...shared, leases, head, onReleased });
  const advance = new LaneAdvance({
    ...{ ...shared, leases, head, replacements },
    ...{ window: config.LANE_WINDOW, ladder: config.FEE_LADDER },
    fillers: new Fillers({ ...shared, leases, requester: records.requester }),
    wakeLaneIn: (lane, milliseconds) => workers.wakeIn(lane, milliseconds),
    onReserved: (lane, nonces) => chainRoom().broadcaster.expect(lane, nonces),
  });
  const workers = new LaneWorkers(store, chainId, leases, advance, logger, onFatal);
  return { leases, calls, workers, replacements, onReleased };
}

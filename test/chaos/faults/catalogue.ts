import { type Random } from '../random';
import { type ChaosStack } from '../stack/chaos-stack';
import { flood, lyingCoordinator, lyingNode, lyingSubmitter } from './byzantine-faults';
import { endSessions, fullDisk } from './database-faults';
import { type Fault, type FaultKind } from './fault';
import {
  corrupt,
  dropConnections,
  isolate,
  partition,
  refuseConnections,
  slowDown,
  throttle,
  truncate,
} from './link-faults';
import {
  freeze,
  killInfrastructure,
  killService,
  killTwo,
  restartInfrastructure,
  restartService,
} from './process-faults';
import { misroute, replay, tamper } from './record-faults';

/** Every kind of fault by its name in `--faults`, and how often it is drawn relative to the others. */
export const CATALOGUE: Readonly<Record<string, { readonly weight: number; readonly draw: FaultKind }>> = {
  kill: { weight: 4, draw: killService },
  'kill-two': { weight: 1, draw: killTwo },
  restart: { weight: 1, draw: restartService },
  'kill-infrastructure': { weight: 1, draw: killInfrastructure },
  'restart-infrastructure': { weight: 1, draw: restartInfrastructure },
  freeze: { weight: 3, draw: freeze },
  drop: { weight: 3, draw: dropConnections },
  refuse: { weight: 2, draw: refuseConnections },
  partition: { weight: 3, draw: partition },
  delay: { weight: 2, draw: slowDown },
  throttle: { weight: 2, draw: throttle },
  truncate: { weight: 3, draw: truncate },
  corrupt: { weight: 3, draw: corrupt },
  isolate: { weight: 2, draw: isolate },
  'end-sessions': { weight: 2, draw: endSessions },
  'disk-full': { weight: 2, draw: fullDisk },
  replay: { weight: 4, draw: replay },
  tamper: { weight: 3, draw: tamper },
  misroute: { weight: 2, draw: misroute },
  'lying-coordinator': { weight: 4, draw: lyingCoordinator },
  'lying-submitter': { weight: 2, draw: lyingSubmitter },
  'lying-node': { weight: 2, draw: lyingNode },
  flood: { weight: 1, draw: flood },
};

export const FAULT_KINDS = Object.keys(CATALOGUE);

/** The faults of one run: one to three of the given kinds. */
export function drawFaults(random: Random, kinds: readonly string[], stack: ChaosStack): Fault[] {
  const urn = kinds.flatMap((kind) => {
    const entry = CATALOGUE[kind];
    return entry ? Array.from({ length: entry.weight }, () => entry.draw) : [];
  });
  if (urn.length === 0) return [];
  return Array.from({ length: random.between(1, 3) }, () => random.pick(urn)(random, stack));
}

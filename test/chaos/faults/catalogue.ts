import { type Random } from '../random';
import { type ChaosStack } from '../stack/chaos-stack';
import { flood, lyingCoordinator, lyingNode, lyingSubmitter } from './byzantine-faults';
import { clockJump } from './clock-faults';
import { endSessions, fullDisk } from './database-faults';
import { lyingRounds, silence } from './dishonest-faults';
import { type Fault, type FaultKind } from './fault';
import { keyCeremony } from './key-faults';
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

type Catalogue = Readonly<Record<string, { readonly weight: number; readonly draw: FaultKind }>>;

/** Kinds of faults by their names in `--faults`, and how often each is drawn relative to the others. */
const CATALOGUE: Catalogue = {
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

/** Kinds that came later: drawn beside those above, so that a seed keeps what it drew before. */
const FURTHER: Catalogue = {
  'clock-jump': { weight: 3, draw: clockJump },
  silence: { weight: 2, draw: silence },
  'lying-rounds': { weight: 2, draw: lyingRounds },
  'key-ceremony': { weight: 3, draw: keyCeremony },
};

export const FAULT_KINDS = [...Object.keys(CATALOGUE), ...Object.keys(FURTHER)];

/** The faults of one run: one to three of the given kinds, and in every other run a further one. */
export function drawFaults(
  random: Random,
  furtherRandom: Random,
  kinds: readonly string[],
  stack: ChaosStack,
): Fault[] {
  const urn = urnOf(CATALOGUE, kinds);
  const further = urnOf(FURTHER, kinds);
  const faults = urn.length === 0 ? [] : times(random.between(1, 3), () => random.pick(urn)(random, stack));
  if (further.length === 0 || (urn.length > 0 && furtherRandom.oneIn(2))) return faults;
  return [...faults, furtherRandom.pick(further)(furtherRandom, stack)];
}

function urnOf(catalogue: Catalogue, kinds: readonly string[]): FaultKind[] {
  return kinds.flatMap((kind) => {
    const entry = catalogue[kind];
    return entry ? times(entry.weight, () => entry.draw) : [];
  });
}

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

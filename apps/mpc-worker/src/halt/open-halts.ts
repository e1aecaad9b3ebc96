import { type EventStore } from '@quorate/event-store';
import { DurableHalts, HaltReader } from '@quorate/halts';
import { type MessageLog } from '@quorate/messaging';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import { streams } from '@quorate/protocol';
import { type NodeConfig } from '../config';
import { type NodeIdentity } from '../identity/node-identity';
import { type PolicySource } from '../policy/policy-source';
import { OperatorHalts } from './operator-halts';
import { SelfHalt } from './self-halt';

/** What is halted here, and the three ways in which that changes. */
export interface Halting {
  readonly halts: DurableHalts;
  readonly operators: OperatorHalts;
  readonly self: SelfHalt;
  /** Reads what coordinators and submitters say, to the end of now and on. */
  startReading(group: string): Promise<void>;
  stop(): Promise<void>;
}

type SelfHaltConfig = Pick<
  NodeConfig,
  'SELF_HALT_REFUSALS_PER_MINUTE' | 'SELF_HALT_RULES' | 'SELF_HALT_SCOPE'
>;

/** Remembers what was halted before; nothing new is heard before `startReading`. */
export async function openHalts(
  config: SelfHaltConfig,
  identity: NodeIdentity,
  store: EventStore,
  policy: PolicySource,
  { log, peers }: { readonly log: MessageLog; readonly peers: PeerDirectory },
  logger: Logger,
): Promise<Halting> {
  const halts = new DurableHalts(streams.halts(identity.nodeId), store);
  await halts.load();
  const operators = new OperatorHalts(halts, policy);
  const rules = {
    refusalsPerMinute: config.SELF_HALT_REFUSALS_PER_MINUTE,
    rules: config.SELF_HALT_RULES,
    scope: config.SELF_HALT_SCOPE,
  };
  const self = new SelfHalt(rules, identity, halts, logger);
  const authorities = {
    lookup: peers.lookup('coordinator', 'submitter'),
    readResume: (command: Buffer, signatures: readonly string[]) =>
      operators.readResume({ command, signatures }),
  };
  const writers = [...peers.withRole('coordinator'), ...peers.withRole('submitter')].map(({ kid }) => kid);
  const reader = new HaltReader(log, identity.topics, authorities, halts, logger);
  return {
    ...{ halts, operators, self },
    startReading: (group) => reader.start(group, writers),
    stop: () => reader.stop(),
  };
}

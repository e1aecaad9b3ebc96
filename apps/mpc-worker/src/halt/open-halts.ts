import { type EventStore } from '@quorate/event-store';
import { type MessageLog } from '@quorate/messaging';
import { type Logger, type PeerDirectory } from '@quorate/platform';
import { type NodeConfig } from '../config';
import { type NodeIdentity } from '../identity/node-identity';
import { type PolicySource } from '../policy/policy-source';
import { HaltReader } from './halt-reader';
import { NodeHalts } from './node-halts';
import { OperatorHalts } from './operator-halts';
import { SelfHalt } from './self-halt';

/** What is halted here, and the three ways in which that changes. */
export interface Halting {
  readonly halts: NodeHalts;
  readonly operators: OperatorHalts;
  readonly self: SelfHalt;
  readonly reader: HaltReader;
}

/** Remembers what was halted before; nothing new is heard before `reader.start`. */
export async function openHalts(
  config: NodeConfig,
  identity: NodeIdentity,
  store: EventStore,
  policy: PolicySource,
  { log, peers }: { readonly log: MessageLog; readonly peers: PeerDirectory },
  logger: Logger,
): Promise<Halting> {
  const halts = new NodeHalts(identity.nodeId, store);
  await halts.load();
  const operators = new OperatorHalts(halts, policy);
  const rules = {
    refusalsPerMinute: config.SELF_HALT_REFUSALS_PER_MINUTE,
    rules: config.SELF_HALT_RULES,
    scope: config.SELF_HALT_SCOPE,
  };
  const self = new SelfHalt(rules, identity, halts, logger);
  const reader = new HaltReader(log, identity.topics, peers, halts, operators, logger);
  return { halts, operators, self, reader };
}

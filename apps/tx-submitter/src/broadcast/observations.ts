/** Writes what was seen of transactions to their intents. */
import { type EventStore } from '@quorate/event-store';
import { type Receipt } from '@quorate/evm';

import { type IntentCommand } from '../intent/commands';
import { type IntentIdentity, streamOf } from '../intent/events';
import { type IntentState } from '../intent/intent';
import { type IntentMemory } from '../intent/intent-memory';
import { IntentSession } from '../intent/intent-session';
import { type LaneId, laneName } from '../lane/lane';
import { type LaneLeases } from '../lane/lane-leases';
import { type OutcomeRecords } from '../ports/outcome-records.port';

/** Intents whose observations are written in one transaction. */
const intentsAtOnce = 200;

/** A command for one intent, with what led to it. */
export interface Observation {
  identity: IntentIdentity;
  lane: LaneId;
  command: IntentCommand;
  cause: string;
}

export class Observations {
  constructor(
    private readonly store: EventStore,
    private readonly outcomes: OutcomeRecords,
    private readonly memory: IntentMemory,
    private readonly leases: Pick<LaneLeases, 'guardAll'>,
  ) {}

  /**
   * Applies observations, those of each intent in order, a few intents in each transaction: a block may hold thousands.
   * What was seen of a lane that belongs to another submitter is left to that one.
   *
   * @returns the state of each intent afterwards, by stream.
   * @throws Unavailable, Conflict `version`: to be tried again; what was written already changes nothing the second time.
   */
  async apply(observations: Observation[]): Promise<Map<string, IntentState>> {
    const states = new Map<string, IntentState>();
    const streams = [...new Set(observations.map(({ identity }) => streamOf(identity)))];
    for (let i = 0; i < streams.length; i += intentsAtOnce) {
      const chosen = new Set(streams.slice(i, i + intentsAtOnce));
      const some = observations.filter(({ identity }) => chosen.has(streamOf(identity)));
      for (const [streamId, state] of await this.applyTogether(some)) states.set(streamId, state);
    }
    return states;
  }

  private applyTogether(observations: Observation[]): Promise<[string, IntentState][]> {
    return this.store.transaction(async (tx) => {
      const identities = observations.map(({ identity }) => identity);
      const [lanes, session] = await Promise.all([
        this.leases.guardAll(
          tx,
          observations.map(({ lane }) => lane),
        ),
        IntentSession.load(tx, this.outcomes, identities, this.memory),
      ]);
      for (const { identity, lane, command, cause } of observations)
        if (lanes.has(laneName(lane))) await session.execute(identity, command, cause);
      return identities.map((identity) => [streamOf(identity), session.state(identity)]);
    });
  }
}

/** The command that a receipt of the canonical chain means. */
export function inclusionBy(receipt: Receipt): IntentCommand {
  return {
    kind: 'note-inclusion',
    hash: receipt.transactionHash,
    block: { number: String(receipt.blockNumber), hash: receipt.blockHash },
    status: receipt.status,
    gasUsed: String(receipt.gasUsed),
    effectiveGasPrice: String(receipt.effectiveGasPrice),
  };
}

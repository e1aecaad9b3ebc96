/** Writes what was seen of transactions to their intents. */
import { type EventStore } from '@quorate/event-store';
import { type Receipt } from '@quorate/evm';

import { type IntentCommand } from '../intent/commands';
import { type IntentIdentity, streamOf } from '../intent/events';
import { type IntentState } from '../intent/intent';
import { IntentSession } from '../intent/intent-session';
import { type OutcomeRecords } from '../ports/outcome-records.port';

/** A command for one intent, with what led to it. */
export interface Observation {
  identity: IntentIdentity;
  command: IntentCommand;
  cause: string;
}

export class Observations {
  constructor(
    private readonly store: EventStore,
    private readonly outcomes: OutcomeRecords,
  ) {}

  /**
   * Applies observations in order, in one transaction.
   *
   * @returns the state of each intent afterwards, by stream.
   * @throws Unavailable, Conflict `version`: nothing was written, to be tried again.
   */
  async apply(observations: Observation[]): Promise<Map<string, IntentState>> {
    if (observations.length === 0) return new Map();
    return this.store.transaction(async (tx) => {
      const identities = observations.map(({ identity }) => identity);
      const session = await IntentSession.load(tx, this.outcomes, identities);
      for (const { identity, command, cause } of observations)
        await session.execute(identity, command, cause);
      return new Map(identities.map((identity) => [streamOf(identity), session.state(identity)]));
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

/** What operators ask of intents and lanes over HTTP. */
import { Inject, Injectable } from '@nestjs/common';
import { type EventStore } from '@quorate/event-store';
import { problems } from '@quorate/platform';

import { type IntentIdentity, streamOf } from '../intent/events';
import { type IntentState } from '../intent/intent';
import { IntentSession } from '../intent/intent-session';
import { SUBMITTER_CONFIG, type SubmitterConfig } from '../configuration';
import { setChainPause } from '../lane/chain-pause';
import { type LaneId } from '../lane/lane';
import { setLaneStatus } from '../lane/lane-table';
import { type Reconciliation } from '../lane/reconciliation';
import { SubmitterParts } from '../pipeline/submitter-parts';
import { EVENT_STORE } from '../ports/tokens';

/** Who acts: the API does not tell operators apart yet. */
const operator = 'operator';

const noSuchLane = 'No intent was ever sent from this account on this chain.';

@Injectable()
export class TransactionCommands {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(SUBMITTER_CONFIG) private readonly config: SubmitterConfig,
    private readonly parts: SubmitterParts,
  ) {}

  /** Has an intent move nothing, if the chain has not executed it by then. Asking again changes nothing. */
  async cancel(identity: IntentIdentity): Promise<void> {
    const state = await this.store.transaction(async (tx) => {
      const session = await IntentSession.load(tx, this.parts.outcomes, [identity]);
      await session.execute(identity, { kind: 'request-cancel', by: operator }, streamOf(identity));
      return session.state(identity);
    });
    if (state.stage === 'active' && state.ending === undefined)
      throw problems.conflict(
        `Its transaction is in block ${state.inclusion?.block.number}: it cannot be cancelled.`,
      );
    if (state.stage === 'ended' && state.end !== 'cancelled')
      throw problems.conflict(`It is ${state.end}: it cannot be cancelled.`);
    this.wake(state);
  }

  /** Asks for a transaction with higher fees now, within the intent's ceilings. */
  async speedUp(identity: IntentIdentity): Promise<void> {
    const isAsked = await this.parts.replacements.replace(identity, 'speed-up');
    if (isAsked) return;
    throw problems.conflict(
      'No dearer transaction can be made now: it has none yet, one is being signed, a block holds it, or its ceilings are ' +
        'reached (its status is parked then: amend it).',
    );
  }

  /** Lets a lane reserve no more nonces, or go on. What has a nonce goes on in any case. */
  async setLane(lane: LaneId, status: 'active' | 'paused'): Promise<void> {
    const isKnown = await this.store.transaction((tx) => setLaneStatus(tx, lane, status, operator));
    if (!isKnown) throw problems.notFound(noSuchLane);
    if (status === 'active') this.parts.wakeLane(lane);
  }

  /** Lets no lane reserve nonces, whichever there are or will be; or lets those go on that are not paused themselves. */
  async pauseAll(isPaused: boolean): Promise<void> {
    const { CHAIN_ID: chainId } = this.config;
    await this.store.transaction((tx) => setChainPause(tx, chainId, isPaused, operator));
  }

  /** Compares a lane with the chain; without `dryRun` mends what it finds. */
  async reconcile(lane: LaneId, dryRun: boolean): Promise<Reconciliation> {
    const found = await this.parts.reconciliation.reconcile(lane, dryRun);
    if (found === undefined) throw problems.notFound(noSuchLane);
    this.parts.wakeLane(lane);
    return found;
  }

  private wake(state: IntentState): void {
    if (state.stage === 'active') this.parts.wakeLane({ chainId: state.facts.chainId, address: state.from });
  }
}

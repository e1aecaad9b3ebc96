/** Commands on intents within one transaction: load, decide, append, project, publish. */
import { type StoreTransaction, type StoredEvent } from '@quorate/event-store';
import { Fatal } from '@quorate/platform';

import { type OutcomeRecords } from '../ports/outcome-records.port';
import { type IntentCommand } from './commands';
import { decide } from './decide/decide';
import { type IntentEvent, intentEventSchema, type IntentIdentity, streamOf } from './events';
import { evolve } from './evolve';
import { type IntentState, unknownIntent } from './intent';
import { projectIntent } from './intent-table';
import { outcomeOf } from './outcome';
import { publishOutcome } from './outcome-table';

interface LoadedIntent {
  version: number;
  state: IntentState;
  /** When its first event was stored; undefined before. */
  receivedAt: Date | undefined;
}

export class IntentSession {
  private constructor(
    private readonly tx: StoreTransaction,
    private readonly outcomes: OutcomeRecords,
    private readonly intents: Map<string, LoadedIntent>,
  ) {}

  /** Loads the named intents in one query. */
  static async load(
    tx: StoreTransaction,
    outcomes: OutcomeRecords,
    identities: IntentIdentity[],
  ): Promise<IntentSession> {
    const streams = await tx.readStreams([...new Set(identities.map(streamOf))]);
    const intents = new Map([...streams].map(([streamId, events]) => [streamId, fold(events)]));
    return new IntentSession(tx, outcomes, intents);
  }

  /** The state of a loaded intent, with everything that this session decided. */
  state(identity: IntentIdentity): IntentState {
    return this.loaded(identity).state;
  }

  /**
   * Decides a command and writes what follows.
   *
   * @param cause the id of the record, block or request that led to the command.
   * @returns what was decided; empty when the command changes nothing.
   */
  async execute(identity: IntentIdentity, command: IntentCommand, cause: string): Promise<IntentEvent[]> {
    const intent = this.loaded(identity);
    const before = intent.state;
    const events = decide(command, before);
    if (events.length === 0) return events;
    this.append(identity, intent.version, events, cause);
    for (const event of events) {
      const outcome = outcomeOf(identity, event, intent.state);
      if (outcome !== undefined) {
        const record = this.outcomes.encodeOutcome(outcome);
        await publishOutcome(this.tx, identity, outcome.intentHash, record);
        this.outcomes.announce(this.tx, identity, outcome, record);
      }
      intent.state = evolve(intent.state, event);
    }
    projectIntent(this.tx, identity, events, intent.state);
    intent.version += events.length;
    intent.receivedAt ??= new Date();
    const { state: after, receivedAt } = intent;
    this.outcomes.decided(this.tx, { identity, events, before, after, receivedAt });
    return events;
  }

  private append(
    identity: IntentIdentity,
    version: number,
    events: IntentEvent[],
    causationId: string,
  ): void {
    this.tx.append(
      streamOf(identity),
      version,
      events.map(({ type, data }) => ({
        type,
        data: { requester: identity.requester, intentId: identity.intentId, ...data },
        correlationId: identity.intentId,
        causationId,
      })),
    );
  }

  private loaded(identity: IntentIdentity): LoadedIntent {
    const intent = this.intents.get(streamOf(identity));
    if (intent === undefined)
      throw new Fatal('not-loaded', `${streamOf(identity)} was not loaded into the session`);
    return intent;
  }
}

/** The state after stored events, in order. */
function fold(events: StoredEvent[]): LoadedIntent {
  const state = events.reduce((before, event) => {
    const parsed = intentEventSchema.safeParse({ type: event.type, data: event.data });
    if (!parsed.success) throw new Fatal('event', `${event.streamId} holds an unreadable ${event.type}`);
    return evolve(before, parsed.data);
  }, unknownIntent);
  return { version: events.length, state, receivedAt: events[0]?.occurredAt };
}

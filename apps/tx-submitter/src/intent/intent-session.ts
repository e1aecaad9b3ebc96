/** Commands on intents within one transaction: load, decide, append, project, publish. */
import { type StoreTransaction, type StoredEvent } from '@quorate/event-store';
import { Fatal } from '@quorate/platform';

import { type OutcomeRecords } from '../ports/outcome-records.port';
import { type IntentCommand } from './commands';
import { decide } from './decide/decide';
import { type IntentEvent, intentEventSchema, type IntentIdentity, streamOf } from './events';
import { evolve } from './evolve';
import { type IntentMemory, type RememberedIntent } from './intent-memory';
import { type IntentState, unknownIntent } from './intent';
import { projectIntent, type Received } from './intent-table';
import { outcomeOf } from './outcome';
import { publishOutcome } from './outcome-table';

/**
 * Events of a stream after which refusals of other bytes are answered only, and not among its events: they change nothing of
 * the intent, there may be any number of them, and a stream is read whole.
 */
const longestWithRefusals = 64;

interface LoadedIntent extends RememberedIntent {
  /** Set when it was received in this session. */
  received?: Received;
}

export class IntentSession {
  /** What was answered in this session: streams with the hash of the bytes. */
  private readonly answered = new Set<string>();

  private constructor(
    private readonly tx: StoreTransaction,
    private readonly outcomes: OutcomeRecords,
    private readonly intents: Map<string, LoadedIntent>,
    memory: IntentMemory | undefined,
  ) {
    tx.afterCommit(() => {
      for (const [streamId, intent] of intents) memory?.remember(streamId, intent);
    });
  }

  /**
   * Loads the named intents.
   *
   * @param memory what this process remembers of open intents: those are not read again
   */
  static async load(
    tx: StoreTransaction,
    outcomes: OutcomeRecords,
    identities: IntentIdentity[],
    memory?: IntentMemory,
  ): Promise<IntentSession> {
    const streamIds = [...new Set(identities.map(streamOf))];
    const known =
      memory === undefined ? new Map<string, LoadedIntent>() : await recall(tx, streamIds, memory);
    const streams = await tx.readStreams(streamIds.filter((streamId) => !known.has(streamId)));
    const read = [...streams].map(([streamId, events]): [string, LoadedIntent] => [streamId, fold(events)]);
    return new IntentSession(tx, outcomes, new Map([...known, ...read]), memory);
  }

  /** The state of a loaded intent, with everything that this session decided. */
  state(identity: IntentIdentity): IntentState {
    return this.loaded(identity).state;
  }

  /** By which others go on with the trace of a loaded intent, where it is traced. */
  traceparent(identity: IntentIdentity): string | undefined {
    const { state } = this.loaded(identity);
    return state.stage === 'unknown' ? undefined : state.facts.traceparent;
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
    if (intent.version >= longestWithRefusals && events.every((event) => isMereRefusal(event, before))) {
      for (const event of events) this.answer(identity, event, before);
      const { receivedAt = new Date() } = intent;
      this.outcomes.decided(this.tx, { identity, events, before, after: before, receivedAt });
      return events;
    }
    this.append(identity, intent.version, events, cause);
    let last = before;
    for (const event of events) {
      this.answer(identity, event, intent.state);
      intent.state = evolve(intent.state, event);
      if (intent.state.stage !== 'ended') last = intent.state;
      if (event.type === 'quorate.tx.requested.v1') intent.received = event.data;
    }
    projectIntent(this.tx, identity, { events, after: intent.state, last, received: intent.received });
    intent.version += events.length;
    intent.receivedAt ??= new Date();
    const { state: after, receivedAt } = intent;
    this.outcomes.decided(this.tx, { identity, events, before, after, receivedAt });
    return events;
  }

  /** Whether these bytes got an answer in this session. */
  hasAnswered(identity: IntentIdentity, intentHash: string): boolean {
    return this.answered.has(`${streamOf(identity)} ${intentHash}`);
  }

  private answer(identity: IntentIdentity, event: IntentEvent, before: IntentState): void {
    const outcome = outcomeOf(identity, event, before);
    if (outcome === undefined) return;
    const record = this.outcomes.encodeOutcome(outcome);
    publishOutcome(this.tx, identity, outcome.intentHash, record);
    this.outcomes.announce(this.tx, identity, outcome, record);
    this.answered.add(`${streamOf(identity)} ${outcome.intentHash}`);
  }

  private append(
    identity: IntentIdentity,
    version: number,
    events: IntentEvent[],
    causationId: string,
  ): void {
    const traceparent = this.traceparent(identity);
    this.tx.append(
      streamOf(identity),
      version,
      events.map(({ type, data }) => ({
        type,
        data: { requester: identity.requester, intentId: identity.intentId, ...data },
        correlationId: identity.intentId,
        causationId,
        traceparent,
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

/** Whether an event only says that other bytes than the intent's were refused. */
function isMereRefusal(event: IntentEvent, before: IntentState): boolean {
  return event.type === 'quorate.tx.rejected.v1' && evolve(before, event) === before;
}

/** Of these streams those whose intents are remembered as they are now, and those that do not exist. */
async function recall(
  tx: StoreTransaction,
  streamIds: string[],
  memory: IntentMemory,
): Promise<Map<string, LoadedIntent>> {
  const versions = await tx.readVersions(streamIds);
  const known = new Map<string, LoadedIntent>();
  for (const [streamId, version] of versions) {
    const intent = version === 0 ? fold([]) : memory.recall(streamId, version);
    if (intent !== undefined) known.set(streamId, { ...intent });
  }
  return known;
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

/**
 * Puts what happens to a chain and its endpoints on mpc.events. In lots, one every few seconds, with what came and went in
 * between left out: an endpoint that flaps must not fill the log. What a process knew when it died is lost; nothing is
 * decided by it.
 */
import { type EventStore, type NewEvent } from '@quorate/event-store';
import { fingerprintOf } from '@quorate/evm';
import { isPassing, type Logger } from '@quorate/platform';
import { type DocumentedEventType, type EventPayload, streams } from '@quorate/protocol';

import { type EndpointEvent } from './endpoint-events';
import { ReportedAnswers } from './reported-answers';

const everyMs = 5_000;
/** Events of one lot from which on answers are left to logs and metrics. */
const mostAnswers = 100;
/** Hashes that are named of those that an endpoint lost. */
const mostHashes = 20;

type Kind<K extends EndpointEvent['kind']> = Extract<EndpointEvent, { kind: K }>;

export interface RecorderParts {
  store: EventStore;
  chainId: string;
  logger: Logger;
  onFatal: (error: Error) => void;
}

export class ChainRecorder {
  private readonly answers = new ReportedAnswers();
  private readonly states = new Map<string, Kind<'state'>>();
  private readonly lost = new Map<string, { hashes: string[]; count: number }>();
  private others: NewEvent[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly parts: RecorderParts) {}

  /** Takes in something that happened. */
  note(event: EndpointEvent): void {
    const { chainId } = this.parts;
    switch (event.kind) {
      case 'state': {
        const from = this.states.get(event.endpoint)?.from ?? event.from;
        this.states.set(event.endpoint, { ...event, from });
        break;
      }
      case 'evicted': {
        const lost = this.lost.get(event.endpoint) ?? { hashes: [], count: 0 };
        if (lost.hashes.length < mostHashes) lost.hashes.push(event.hash);
        lost.count += 1;
        this.lost.set(event.endpoint, lost);
        break;
      }
      case 'answer':
        if (this.others.length < mostAnswers && this.answers.isNews(event))
          this.add('quorate.tx.broadcast-result.v1', answerOf(chainId, event));
        break;
      case 'suspect':
        this.add('quorate.tx.chain-suspect.v1', { chainId, cause: event.cause, reason: event.reason });
        break;
      case 'trusted':
        this.add('quorate.tx.chain-trusted.v1', { chainId, cause: event.cause, by: event.by });
        break;
      default:
        return;
    }
    this.writeSoon();
  }

  /** Endpoints say, at a final height, that a nonce was used, and nobody knows a transaction of ours with it. */
  noteForeignNonce(suspected: EventPayload<'quorate.tx.nonce-foreign-suspected.v1'>): void {
    this.add('quorate.tx.nonce-foreign-suspected.v1', suspected);
    this.writeSoon();
  }

  /** Writes what is left. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.flush();
  }

  private writeSoon(): void {
    if (!this.stopped) this.timer ??= setTimeout(() => void this.flush(), everyMs);
  }

  private async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    await this.writing;
    this.writing = this.write(this.takeAll());
    await this.writing;
  }

  private takeAll(): NewEvent[] {
    const { chainId } = this.parts;
    for (const { endpoint, from, to, reason } of this.states.values()) {
      if (from !== to)
        this.add('quorate.tx.endpoint-state-changed.v1', { chainId, endpoint, from, to, reason });
    }
    for (const [endpoint, lost] of this.lost)
      this.add('quorate.tx.evicted.v1', { chainId, endpoint, ...lost });
    this.states.clear();
    this.lost.clear();
    const events = this.others;
    this.others = [];
    return events;
  }

  private async write(events: NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const { store, chainId, logger, onFatal } = this.parts;
    try {
      await store.transaction(async (tx) => tx.appendNext(streams.chain(chainId), events));
    } catch (error) {
      if (!isPassing(error)) return onFatal(error instanceof Error ? error : new Error(String(error)));
      logger.warn({ err: error }, 'what happened to the chain is not written yet');
      this.others.unshift(...events);
      this.writeSoon();
    }
  }

  private add<T extends DocumentedEventType>(type: T, data: EventPayload<T> & object): void {
    const chain = streams.chain(this.parts.chainId);
    this.others.push({ type, data: { ...data }, correlationId: chain, causationId: chain });
  }
}

function answerOf(
  chainId: string,
  { endpoint, hash, verdict, milliseconds }: Kind<'answer'>,
): EventPayload<'quorate.tx.broadcast-result.v1'> {
  const text = 'message' in verdict ? { fingerprint: fingerprintOf(verdict.message).fingerprint } : {};
  const code = verdict.kind === 'rejected' ? { code: verdict.reason } : {};
  return { chainId, endpoint, hash, class: verdict.kind, ...code, ...text, milliseconds };
}

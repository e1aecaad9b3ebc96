import {
  eventPayloadSchemas,
  type JsonObject,
  type LogKeyLookup,
  rfc3339Milliseconds,
} from '@quorate/protocol';
import { LogClock } from './log-clock';
import { ClientBytesRule } from './rules/client-bytes-rule';
import { EndingRule, signEndings, transactionEndings } from './rules/ending-rule';
import { type Rule, type StoryEvent } from './rules/rule';
import { SigningRule } from './rules/signing-rule';
import { StreamRule } from './rules/stream-rule';
import { TransactionRule } from './rules/transaction-rule';
import { type Violation } from './violation';

/** How far the log goes on, in milliseconds, while what belongs to an event may still be on its way to it. */
const GRACE_MS = 600_000;

/** What the stories of a log say, and what is wrong with them. */
export interface StoryReport {
  readonly events: number;
  readonly signatures: number;
  readonly transactions: number;
  /** Client records whose signature was checked, and those of requesters whose key is not known here. */
  readonly clientRecords: { readonly checked: number; readonly unknown: number };
  /** What is missing so near the end of the log that it may still come. */
  readonly open: readonly Violation[];
  readonly violations: readonly Violation[];
}

/** Follows the stories of a log, event by event. */
export class Story {
  private readonly signing = new SigningRule();
  private readonly transactions = new TransactionRule();
  private readonly clientBytes: ClientBytesRule;
  private readonly rules: readonly Rule[];
  private readonly found: Violation[] = [];
  private readonly clock = new LogClock();
  private events = 0;

  constructor(requesters?: LogKeyLookup, log = 0) {
    this.clientBytes = new ClientBytesRule(requesters, log);
    this.rules = [
      new StreamRule(),
      new EndingRule(signEndings),
      new EndingRule(transactionEndings),
      this.clientBytes,
      this.signing,
      this.transactions,
    ];
  }

  /**
   * Takes the content of an entry whose signature is valid, once for each event id.
   *
   * @param source the service that signed it
   */
  take(index: number, source: string, data: JsonObject): void {
    const claimed = eventOf(index, source, data);
    if (typeof claimed === 'string') {
      this.found.push({ index, rule: 'malformed', reason: claimed });
      return;
    }
    this.events += 1;
    this.clock.take(source, claimed.occurredAt);
    const event: StoryEvent = { ...claimed, reachedAt: this.clock.time };
    for (const rule of this.rules) this.found.push(...rule.take(event));
  }

  report(): StoryReport {
    const missing = this.rules.flatMap((rule) => rule.finish());
    // What came before two services had said anything counts from when they had.
    const { began, time } = this.clock;
    const mayCome = ({ since }: { since: number }) => Math.max(since, began) > time - GRACE_MS;
    return {
      events: this.events,
      signatures: this.signing.signatures,
      transactions: this.transactions.transactions,
      clientRecords: { checked: this.clientBytes.checked, unknown: this.clientBytes.unknown },
      open: missing.filter(mayCome),
      violations: [...this.found, ...missing.filter((one) => !mayCome(one))].sort(
        (a, b) => a.index - b.index,
      ),
    };
  }
}

/** The event and when it happened by the clock of its service, in milliseconds since 1970, or why it is none. */
function eventOf(
  index: number,
  source: string,
  data: JsonObject,
): (Omit<StoryEvent, 'reachedAt'> & { readonly occurredAt: number }) | string {
  const { type, streamId, streamPosition, occurredAt } = data;
  const time = typeof occurredAt === 'string' ? rfc3339Milliseconds(occurredAt) : undefined;
  if (
    typeof type !== 'string' ||
    typeof streamId !== 'string' ||
    typeof streamPosition !== 'number' ||
    time === undefined
  )
    return 'the record lacks the fields of an event';
  const schema = Object.entries(eventPayloadSchemas).find(([name]) => name === type)?.[1];
  const parsed = schema?.safeParse(data);
  if (parsed?.success === false)
    return `${type}: ${parsed.error.issues[0]?.path.join('.')} is not as documented`;
  return { index, type, streamId, streamPosition, source, occurredAt: time, data };
}

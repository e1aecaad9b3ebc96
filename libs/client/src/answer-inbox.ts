import { type LogRecord, type MessageLog } from '@quorate/messaging';
import { Invalid, Unavailable } from '@quorate/platform';
import {
  type Final,
  finalSchema,
  type KeyLookup,
  readStrictJson,
  type RefusedRecord,
  type TopicNames,
  type TxOutcome,
  txOutcomeSchema,
  verifyServiceRecord,
} from '@quorate/protocol';
import { readFromEnd } from './read-from-end';
import { SentRecords } from './sent-records';
import { type FinalEvidence } from './verify-final';

/** A verified record, with the signed bytes to keep as evidence. */
export interface Answer<T> extends FinalEvidence {
  readonly data: T;
  readonly value: Buffer;
}

export interface AnswerInboxOptions {
  readonly log: MessageLog;
  readonly topics: TopicNames;
  readonly requester: string;
  readonly coordinators: KeyLookup;
  /** Without it outcomes of intents are not read. */
  readonly submitters: KeyLookup | undefined;
}

const REMEMBERED_RECORDS = 10_000;

/**
 * The answers to what this client sent: one reader per topic for all of it, each record given to whoever waits for the
 * hash it answers. Only what the trusted services signed for this requester gets in.
 */
export class AnswerInbox {
  private readonly finals = new SentRecords<Answer<Final>>(REMEMBERED_RECORDS);
  private readonly outcomes = new SentRecords<Answer<TxOutcome>>(REMEMBERED_RECORDS);

  constructor(private readonly options: AnswerInboxOptions) {}

  /** Resolves when everything that is written from now on will be read. @param group consumer group of this client alone */
  async start(group: string): Promise<void> {
    const { log, topics, submitters } = this.options;
    log.onFatal((cause) =>
      this.close(new Unavailable('kafka', `reading answers has stopped: ${cause.message}`, { cause })),
    );
    const finals = { log, topic: topics.finals, group: `${group}-finals` };
    const outcomes = { log, topic: topics.outcomes, group: `${group}-outcomes` };
    await Promise.all([
      readFromEnd({ ...finals, read: (record) => this.readFinal(record) }),
      ...(submitters === undefined
        ? []
        : [readFromEnd({ ...outcomes, read: (record) => this.readOutcome(record, submitters) })]),
    ]);
  }

  /** To be called before a sign request is produced, so that its final cannot come too early. */
  expectFinal(requestHash: string): void {
    this.finals.open(requestHash);
  }

  /** To be called before an intent is produced. */
  expectOutcomes(intentHash: string): void {
    this.outcomes.open(intentHash);
  }

  /** @throws Unavailable `timeout` with the given message, or why the inbox was closed. */
  async final(requestHash: string, timeoutMs: number, onTimeout: string): Promise<Answer<Final>> {
    return this.finals.first(
      requestHash,
      () => true,
      timeoutMs,
      () => onTimeout,
    );
  }

  /**
   * The first outcome that `accept` takes.
   * @param onTimeout the message, from the last outcome that came
   * @throws Unavailable `timeout`; Invalid `trust` without submitters' keys.
   */
  async outcome(
    intentHash: string,
    accept: (outcome: TxOutcome) => boolean,
    timeoutMs: number,
    onTimeout: (last: TxOutcome | undefined) => string,
  ): Promise<Answer<TxOutcome>> {
    if (this.options.submitters === undefined) {
      throw new Invalid(
        'trust',
        'to wait for outcomes, give the public keys of the submitters as trust.submitters',
      );
    }
    return this.outcomes.first(
      intentHash,
      ({ data }) => accept(data),
      timeoutMs,
      (last) => onTimeout(last?.data),
    );
  }

  /** Whoever waits gets `reason`. */
  close(reason: Error): void {
    this.finals.close(reason);
    this.outcomes.close(reason);
  }

  private readFinal(record: LogRecord): void {
    const hash = claimedHash(record, 'requestHash');
    if (hash === undefined || !this.finals.has(hash)) return;
    const { coordinators, requester } = this.options;
    const final = verifyServiceRecord(record, { typ: 'final', schema: finalSchema, lookup: coordinators });
    if (!final.ok) return this.finals.doubt(hash, doubtOf(final));
    if (final.data.requester !== requester) return;
    this.finals.add(hash, final, (known) => known.data.id === final.id);
  }

  private readOutcome(record: LogRecord, submitters: KeyLookup): void {
    const hash = claimedHash(record, 'intentHash');
    if (hash === undefined || !this.outcomes.has(hash)) return;
    const outcome = verifyServiceRecord(record, {
      typ: 'tx-outcome',
      schema: txOutcomeSchema,
      lookup: submitters,
    });
    if (!outcome.ok) return this.outcomes.doubt(hash, doubtOf(outcome));
    if (outcome.data.requester !== this.options.requester) return;
    this.outcomes.add(hash, outcome, (known) => known.data.id === outcome.id);
  }
}

/** Why a record is not believed, and what an honest one may need. */
function doubtOf({ code, reason }: RefusedRecord): string {
  const isOfTrust = code === 'unknown-kid' || code === 'bad-signature';
  return isOfTrust ? `${reason}. A service with a new key is believed once \`trust\` has it` : reason;
}

/** What the record claims to answer, unverified: most records of a shared topic are other people's. */
function claimedHash({ value }: LogRecord, field: 'requestHash' | 'intentHash'): string | undefined {
  const json = value === null ? undefined : readStrictJson(value);
  const hash = json?.ok === true ? json.data[field] : undefined;
  return typeof hash === 'string' ? hash : undefined;
}

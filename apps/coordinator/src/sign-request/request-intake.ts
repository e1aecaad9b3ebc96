import { type LogRecord } from '@quorate/messaging';
import { type StoreTransaction } from '@quorate/event-store';
import { childSpan, entrySpan, type RequesterDirectory, type TraceSpan } from '@quorate/platform';
import {
  type ClassifiedSignRequest,
  classifySignRequest,
  type DeadLetters,
  streams,
} from '@quorate/protocol';
import { schemeOf } from '@quorate/threshold';
import { type HaltedRequests } from '../halt/halted-requests';
import { type KeyRegistry } from '../key-registry/key-registry';
import { type Clock } from '../ports/clock.port';
import { type Admission } from '../overload/admission';
import { outcomeKey, type OutcomeRecords } from '../ports/outcome-records.port';
import { type StockLeases } from '../presignature-stock/stock-leases';
import { type SignRequestCommand } from './commands';
import { type CommitteeChoice } from './committee-choice';
import { type SignRequested } from './events';
import { examine } from './examine';
import { isOutcome } from './final-record';
import { type OpenedRequest } from './opened-request';
import { type SignRequestMetrics } from './sign-request-metrics';
import { type SignRequests } from './sign-requests';

type Signed = Exclude<ClassifiedSignRequest, { kind: 'dead-letter' }>;

/** So many requests at once are taken for new without a look; of more, one look is cheap for each. */
const MOST_UNSEEN = 4;
/** After one was not new after all, there is a look at all of them for this long. */
const LOOKING_MS = 10_000;

/** Takes in the records of mpc.requests: one transaction per batch, one decision per record. */
export class RequestIntake {
  private readonly takenForNew = new WeakSet<LogRecord>();
  private lookingUntil = 0;

  constructor(
    private readonly requests: SignRequests,
    private readonly outcomes: OutcomeRecords,
    private readonly choice: CommitteeChoice,
    private readonly leases: StockLeases,
    private readonly keys: KeyRegistry,
    private readonly requesters: RequesterDirectory,
    private readonly halted: HaltedRequests,
    private readonly admission: Admission,
    private readonly deadLetters: DeadLetters,
    private readonly metrics: SignRequestMetrics,
    private readonly clock: Clock,
    private readonly deadlineMs: number,
  ) {}

  async handle(tx: StoreTransaction, records: readonly LogRecord[]): Promise<void> {
    const started = this.clock.now().getTime();
    const signed: Signed[] = [];
    const traces = new Map<Signed, TraceSpan>();
    for (const record of records) {
      const classified = classifySignRequest(record, (kid) => this.requesters.requester(kid));
      if (classified.kind === 'dead-letter') this.deadLetters.add(tx, record, classified);
      else {
        signed.push(classified);
        const span = acceptSpan(classified, record);
        if (span !== undefined) traces.set(classified, span);
      }
    }
    if (signed.length === 0) return;
    await this.prepare(signed);
    await this.admission.prepare(tx, countBy(signed.map(({ requester }) => requester)));
    const identities = signed.map(({ requester, id }) => ({ requester, requestId: id }));
    const opened = this.areTakenForNew(records)
      ? this.requests.openNew(identities)
      : await this.requests.open(tx, identities);
    const known = [...opened.values()].filter((request) => request.version > 0);
    const outcomes = await this.outcomes.find(
      tx,
      known.map((request) => request.streamId),
    );

    const again: { request: OpenedRequest; hash: string }[] = [];
    for (const record of signed) {
      const streamId = streams.sign(record.requester, record.id);
      const request = opened.get(streamId);
      if (request === undefined) continue;
      const outcome = outcomes.get(outcomeKey(streamId, record.hash));
      if (outcome !== undefined) tx.publish(outcome, streamId);
      else if (hasOutcome(request, record.hash)) again.push({ request, hash: record.hash });
      else this.decide(request, record, traces.get(record));
    }
    const added = this.requests.save(tx, opened.values());
    for (const { request, hash } of again) {
      const outcome = added.get(outcomeKey(request.streamId, hash));
      if (outcome !== undefined) tx.publish(outcome, request.streamId);
    }
    this.observe(tx, records, started);
    if (traces.size > 0) tx.afterCommit(() => traces.forEach((span) => span.end()));
  }

  /**
   * Most requests are new, which what is appended tells for certain: the transaction fails when one is not, and the same
   * records come again, to be looked at.
   */
  private areTakenForNew(records: readonly LogRecord[]): boolean {
    const now = this.clock.now().getTime();
    if (records.some((record) => this.takenForNew.has(record))) this.lookingUntil = now + LOOKING_MS;
    if (records.length > MOST_UNSEEN || now < this.lookingUntil) return false;
    for (const record of records) this.takenForNew.add(record);
    return true;
  }

  private decide(request: OpenedRequest, record: Signed, span: TraceSpan | undefined): void {
    const causationId = record.hash;
    request.execute(this.commandOf(request, record, span?.traceparent), causationId);
    this.choice.choose(request, causationId);
  }

  private commandOf(
    { state }: OpenedRequest,
    record: Signed,
    traceparent: string | undefined,
  ): SignRequestCommand {
    const now = this.clock.now();
    if (record.kind === 'valid') {
      const ofKey = (keyId: string) => {
        const key = this.keys.usable(keyId);
        return key && schemeOf(key.suite);
      };
      const isRetiredKey = (keyId: string) => this.keys.retirementOf(keyId) !== undefined;
      const haltOf = (requested: SignRequested) => this.halted.haltOf(requested);
      // A copy or a conflict of what is known asks for nothing new.
      const overloadOf = (requester: string) =>
        state.status === 'none' ? this.admission.refuse(requester) : undefined;
      const acceptance = {
        schemeOf: ofKey,
        isRetiredKey,
        haltOf,
        overloadOf,
        deadlineMs: this.deadlineMs,
        traceparent,
        now,
      };
      return examine(record, acceptance);
    }
    const { requester, id: requestId, hash: requestHash, reason, details } = record;
    return { kind: 'submit-invalid', requester, requestId, requestHash, reason, details, now };
  }

  /** Keys that another coordinator made, and enough presignatures for this batch. */
  private async prepare(signed: readonly Signed[]): Promise<void> {
    const wanted = new Map<string, number>();
    for (const record of signed) {
      if (record.kind === 'valid') wanted.set(record.data.keyId, (wanted.get(record.data.keyId) ?? 0) + 1);
    }
    if ([...wanted.keys()].some((keyId) => this.keys.usable(keyId) === undefined)) await this.keys.refresh();
    for (const [keyId, count] of wanted) {
      if (this.keys.usable(keyId) !== undefined) await this.leases.provide(keyId, count);
    }
  }

  private observe(tx: StoreTransaction, records: readonly LogRecord[], started: number): void {
    tx.afterCommit(() => {
      const now = this.clock.now().getTime();
      this.metrics.time('accept', (now - started) / 1000);
      for (const { timestamp } of records)
        this.metrics.time('queue', Math.max(0, started - timestamp) / 1000);
    });
  }
}

/** What a submitter asks for belongs to the trace of its intent, if that has one. */
function acceptSpan(record: Signed, { headers }: LogRecord): TraceSpan | undefined {
  if (record.kind !== 'valid') return undefined;
  const { traceparent } = headers;
  const options = { attributes: { 'quorate.requester': record.requester, 'quorate.request_id': record.id } };
  return record.role === 'submitter'
    ? childSpan('sign.accept', traceparent, options)
    : entrySpan('sign.accept', traceparent, options);
}

/** Whether these bytes got their outcome earlier in this very transaction. */
function hasOutcome(request: OpenedRequest, hash: string): boolean {
  return request.added.some((event) => isOutcome(event) && event.data.requestHash === hash);
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

import { type KeyObject, randomUUID } from 'node:crypto';
import {
  kafkaMessageLog,
  type KafkaMessageLogOptions,
  type LogProducer,
  type MessageLog,
} from '@quorate/messaging';
import { callerSpan, type Ed25519Jwk, Unavailable } from '@quorate/platform';
import {
  type Final,
  type KeyLookup,
  keyLookup,
  type RecordSigner,
  recordSigner,
  type TopicNames,
  topicNames,
  type TxOutcome,
} from '@quorate/protocol';
import { type Answer, AnswerInbox } from './answer-inbox';
import { type RootKey } from './child-key';
import { type AwaitedStatus, describeOutcome, isEnd, reached } from './outcome-status';
import {
  type AmendmentOptions,
  type IntentOptions,
  type PreparedAmendment,
  type PreparedIntent,
  prepareAmendment,
  prepareIntent,
  type PreparedSignRequest,
  prepareSignRequest,
  type SignRequestOptions,
} from './prepared-record';
import { checkFinal, type FinalEvidence, verifyFinal } from './verify-final';

/**
 * Public keys by kid: one, or several while a service gets a new one (docs/rotation.md). A function is asked at each answer, so
 * that it can follow a file.
 */
export type TrustedKeys = Readonly<Record<string, Ed25519Jwk | readonly Ed25519Jwk[]>> | KeyLookup;

export interface QuorateClientOptions extends Pick<KafkaMessageLogOptions, 'ssl' | 'sasl' | 'logger'> {
  readonly brokers: string[];
  /** TOPIC_PREFIX of the installation; default none. */
  readonly topicPrefix?: string;
  /** What this client's consumer group ids begin with (Kafka ACLs); default none. */
  readonly groupPrefix?: string;
  /** Who asks: the kid that the installation knows, and its Ed25519 private key. */
  readonly requester: { readonly kid: string; readonly privateKey: KeyObject };
  /** The public keys of the services whose answers count, by kid. Intents need `submitters`. */
  readonly trust: {
    readonly coordinators: TrustedKeys;
    readonly submitters?: TrustedKeys;
  };
  /** How long `connect` waits for the brokers; default 30 s. */
  readonly connectTimeoutMs?: number;
  /** A message log to use instead of Kafka at `brokers` (tests). */
  readonly log?: MessageLog;
}

export interface AwaitOptions {
  readonly timeoutMs?: number;
}

export interface AwaitFinalOptions extends AwaitOptions {
  /** The root key: the signing key is then derived from it instead of believed. */
  readonly key?: RootKey;
}

const FINAL_TIMEOUT_MS = 30_000;
const OUTCOME_TIMEOUT_MS = 120_000;
const CONNECT_TIMEOUT_MS = 30_000;

/** Asks an installation for signatures and transactions, and takes only answers that verify. */
export class QuorateClient {
  private constructor(
    private readonly log: MessageLog,
    private readonly producer: LogProducer,
    private readonly topics: TopicNames,
    private readonly signer: RecordSigner,
    private readonly coordinators: KeyLookup,
    private readonly inbox: AnswerInbox,
  ) {}

  /**
   * Connects, and reads finals and outcomes from now on.
   * @throws Unavailable `connect` when the brokers do not answer in time; Invalid for a wrong kid or key.
   */
  static async connect(options: QuorateClientOptions): Promise<QuorateClient> {
    const { requester, trust, ssl, sasl, logger, brokers } = options;
    const signer = recordSigner(requester.kid, requester.privateKey);
    const topics = topicNames(options.topicPrefix);
    const log =
      options.log ??
      kafkaMessageLog({ brokers, clientId: `quorate-client-${requester.kid}`, ssl, sasl, logger });
    const open = async (): Promise<QuorateClient> => {
      const coordinators = lookupOf(trust.coordinators);
      const submitters = trust.submitters && lookupOf(trust.submitters);
      const inbox = new AnswerInbox({ log, topics, requester: requester.kid, coordinators, submitters });
      const client = new QuorateClient(log, await log.producer(), topics, signer, coordinators, inbox);
      await inbox.start(`${options.groupPrefix ?? ''}client-${requester.kid}-${randomUUID()}`);
      return client;
    };
    const timeoutMs = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    try {
      return await within(
        open(),
        timeoutMs,
        `Kafka at ${brokers.join(', ')} did not answer within ${timeoutMs} ms`,
      );
    } catch (error) {
      await log.close().catch(() => undefined);
      throw error;
    }
  }

  /**
   * Asks for one signature and waits for the verified final: completed or rejected, see its `type`.
   * @throws Invalid `request` for a wrong field, `final` when the answer does not verify; Unavailable `timeout`.
   */
  async signRequest(request: SignRequestOptions, options: AwaitFinalOptions = {}): Promise<Answer<Final>> {
    const prepared = this.prepareSignRequest(request);
    await this.produce(prepared);
    return this.awaitFinal(prepared, options);
  }

  /** A signed sign request that was not produced yet. @throws Invalid `request` naming each wrong field. */
  prepareSignRequest(request: SignRequestOptions): PreparedSignRequest {
    return prepareSignRequest(request, this.signer, new Date());
  }

  /** A signed intent that was not produced yet. @throws Invalid `intent` naming each wrong field. */
  prepareIntent(intent: IntentOptions): PreparedIntent {
    return prepareIntent(intent, this.signer, new Date());
  }

  /**
   * Writes a prepared record. Safe to repeat with the same record, after a timeout or a crash: the same bytes have one
   * outcome, which is published again. A program that traces with OpenTelemetry finds the request below its own span.
   * @throws Unavailable when the brokers do not take it now.
   */
  async produce(prepared: PreparedSignRequest | PreparedIntent | PreparedAmendment): Promise<void> {
    const isIntent = prepared.kind !== 'sign-request';
    if (isIntent) this.inbox.expectOutcomes(prepared.hash);
    else this.inbox.expectFinal(prepared.hash);
    const topic = isIntent ? this.topics.intents : this.topics.requests;
    const span = callerSpan(`quorate ${prepared.kind}`, { attributes: { 'quorate.id': prepared.id } });
    const { key, value, headers } = prepared.record;
    const traced = span === undefined ? headers : { ...headers, traceparent: span.traceparent };
    try {
      await this.producer.send([{ topic, key, value, headers: traced }]);
    } finally {
      span?.end();
    }
  }

  /** Asks for one transaction; returns when the brokers have the intent. See `awaitOutcome`. */
  async send(intent: IntentOptions): Promise<PreparedIntent> {
    const prepared = this.prepareIntent(intent);
    await this.produce(prepared);
    return prepared;
  }

  /**
   * Raises the ceilings of an intent, puts its expiry off, or asks to cancel it; returns when the brokers have that. Its
   * outcome is `accepted` or `rejected`; what became of the intent is told by the intent's own.
   */
  async amend(intentId: string, change: AmendmentOptions): Promise<PreparedAmendment> {
    const prepared = prepareAmendment(intentId, change, this.signer, new Date());
    await this.produce(prepared);
    return prepared;
  }

  /**
   * The verified final of a produced request.
   * @throws Unavailable `timeout` (30 s by default): the request may still be answered; Invalid `final`.
   */
  async awaitFinal(prepared: PreparedSignRequest, options: AwaitFinalOptions = {}): Promise<Answer<Final>> {
    const timeoutMs = options.timeoutMs ?? FINAL_TIMEOUT_MS;
    const onTimeout = stillOpen(`final for request ${prepared.id}`, timeoutMs);
    const answer = await this.inbox.final(prepared.hash, timeoutMs, onTimeout);
    checkFinal(answer.data, prepared.record.value, options.key);
    return answer;
  }

  /**
   * The first outcome of an intent that has reached `status`, or ends the intent otherwise (rejected, failed, reverted,
   * cancelled, superseded): see its `type`.
   * @throws Unavailable `timeout` (120 s by default); Invalid `trust` when the client knows no submitter's key.
   */
  async awaitOutcome(
    prepared: PreparedIntent | PreparedAmendment,
    status: AwaitedStatus,
    options: AwaitOptions = {},
  ): Promise<Answer<TxOutcome>> {
    const timeoutMs = options.timeoutMs ?? OUTCOME_TIMEOUT_MS;
    const onTimeout = (last: TxOutcome | undefined): string =>
      stillOpen(`outcome "${status}" of intent ${prepared.id}`, timeoutMs) +
      (last === undefined ? '' : `. Its last outcome: ${describeOutcome(last)}`);
    const accept = (outcome: TxOutcome): boolean => reached(outcome, status) || isEnd(outcome);
    return this.inbox.outcome(prepared.hash, accept, timeoutMs, onTimeout);
  }

  /** Checks a final that came another way (a file, an audit log) against the request; see `verifyFinal`. */
  verifyFinal(evidence: FinalEvidence, prepared: PreparedSignRequest, key?: RootKey): Final {
    return verifyFinal(evidence, { request: prepared.record.value, coordinators: this.coordinators, key });
  }

  /** Leaves Kafka; whoever still waits gets Unavailable `closed`. */
  async close(): Promise<void> {
    this.inbox.close(new Unavailable('closed', 'the client was closed'));
    await this.producer.close();
    await this.log.close();
  }
}

function stillOpen(what: string, timeoutMs: number): string {
  return `no ${what} within ${timeoutMs} ms; it may still come: wait again, or produce the same record again (same bytes, one outcome)`;
}

async function within<T>(action: Promise<T>, timeoutMs: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Unavailable('connect', message)), timeoutMs);
  });
  try {
    return await Promise.race([action, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

function lookupOf(trusted: TrustedKeys): KeyLookup {
  return typeof trusted === 'function' ? trusted : keyLookup(trusted);
}

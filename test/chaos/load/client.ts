import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type LogProducer, type OutgoingRecord } from '@quorate/messaging';
import { encodeClientRecord, type RecordSigner, recordSigner, topicNames } from '@quorate/protocol';
import { asQuorateError } from '@quorate/platform';
import { type Books } from '../oracle/books';
import { type PlannedIntent, type PlannedRequest, type Workload } from './workload';

const RETRY_MS = 250;
/** A client that has no answer asks again with the same bytes, which it may do as often as it likes. */
const RESEND_MS = 10_000;

/** Sends a workload as clients do: at the planned times, until the broker takes it, and again while no answer comes. */
export class Client {
  private readonly signer: RecordSigner;
  private readonly stranger: RecordSigner;
  private readonly topics = topicNames();
  private stopped = false;
  private readonly sending: Promise<void>[] = [];

  constructor(
    requester: string,
    privateKey: KeyObject,
    private readonly producer: LogProducer,
    private readonly books: Books,
  ) {
    this.signer = recordSigner(requester, privateKey);
    this.stranger = recordSigner(requester, generateKeyPairSync('ed25519').privateKey);
  }

  start({ requests, intents }: Workload): void {
    for (const request of requests) this.sending.push(this.send(request));
    for (const intent of intents) this.sending.push(this.sendIntent(intent));
  }

  /** No more repetitions; resolves when nothing is being sent. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.sending);
  }

  private async send({ id, value, sentAt, expected, forged }: PlannedRequest): Promise<void> {
    const signer = forged ? this.stranger : this.signer;
    const source = `/client/${signer.kid}`;
    const jws = signer.sign('sign-request', value);
    if (expected !== 'dead-letter') this.books.expectAnswer(this.topics.requests, value, jws);
    // Too large values are signed as well: the size is what must be refused.
    const headers = {
      ...encodeClientRecord(
        { typ: 'sign-request', data: Buffer.from('{}'), key: id, time: new Date(), source },
        signer,
      ).headers,
      jws,
    };
    const isAnswered = () => this.books.finalOf(value) !== undefined || this.books.wasDeadLettered(value);
    await this.repeat({ topic: this.topics.requests, key: id, value, headers }, sentAt, isAnswered);
  }

  private async sendIntent({ id, value, sentAt }: PlannedIntent): Promise<void> {
    const { headers } = encodeClientRecord(
      { typ: 'tx-intent', data: value, key: id, time: new Date() },
      this.signer,
    );
    this.books.expectAnswer(this.topics.intents, value, headers['jws'] ?? '');
    const isAnswered = () => this.books.endOf(value) !== undefined;
    await this.repeat({ topic: this.topics.intents, key: id, value, headers }, sentAt, isAnswered);
  }

  private async repeat(
    record: OutgoingRecord,
    sentAt: readonly number[],
    isAnswered: () => boolean,
  ): Promise<void> {
    const began = performance.now();
    for (const at of [...sentAt].sort((a, b) => a - b)) {
      await delay(Math.max(0, began + at - performance.now()));
      await this.surely(() => this.producer.send([record]));
    }
    for (let waited = RETRY_MS; ; waited += RETRY_MS) {
      await delay(RETRY_MS);
      if (this.stopped || isAnswered()) return;
      if (waited % RESEND_MS === 0) await this.surely(() => this.producer.send([record]));
    }
  }

  private async surely(action: () => Promise<void>): Promise<void> {
    while (!this.stopped) {
      try {
        return await action();
      } catch (error) {
        if (asQuorateError(error).kind !== 'unavailable') throw error;
        await delay(RETRY_MS);
      }
    }
  }
}

/** Sends committed bytes to the chain, again and again until it holds them. Never anything that is not committed. */
import { type SendVerdict } from '@quorate/evm';
import { type Logger, QuorateError } from '@quorate/platform';

import { type Chain } from '../ports/chain.port';
import { type InFlight, type InFlightTransaction, type SentTransaction } from './in-flight';
import { type Observation, type Observations } from './observations';

/** When a send that no endpoint took is repeated, in milliseconds. */
const resendAfterMs = 1_000;
/** Sends at the same time. */
const concurrency = 32;

export interface BroadcasterParts {
  chain: Chain;
  inFlight: InFlight;
  observations: Observations;
  headNumber: () => number;
  logger: Logger;
  onFatal: (error: Error) => void;
  now: () => number;
}

export class Broadcaster {
  private readonly waiting: InFlightTransaction[] = [];
  private readonly sending = new Set<string>();
  private readonly notes: InFlightTransaction[] = [];
  private writing = false;
  private stopped = false;

  constructor(private readonly parts: BroadcasterParts) {}

  /** Sends a transaction as soon as there is room. */
  send(transaction: SentTransaction): void {
    this.sendEntry(this.parts.inFlight.add(transaction));
  }

  /** Sends what the chain should have had by now. */
  sendAgain(): void {
    const { inFlight, headNumber, now } = this.parts;
    for (const entry of inFlight.toResend(headNumber(), now(), 4 * concurrency)) this.sendEntry(entry);
  }

  stop(): void {
    this.stopped = true;
  }

  private sendEntry(entry: InFlightTransaction): void {
    if (this.stopped || this.sending.has(entry.hash)) return;
    this.sending.add(entry.hash);
    this.waiting.push(entry);
    this.startNext();
  }

  private startNext(): void {
    while (this.sending.size - this.waiting.length < concurrency) {
      const entry = this.waiting.shift();
      if (entry === undefined) return;
      void this.sendNow(entry).finally(() => {
        this.sending.delete(entry.hash);
        this.startNext();
      });
    }
  }

  private async sendNow(entry: InFlightTransaction): Promise<void> {
    if (entry.block !== undefined || this.stopped) return;
    const verdicts = await this.parts.chain.send(entry.raw, entry.hash);
    for (const verdict of verdicts) this.log(entry, verdict);
    if (verdicts.some(({ kind }) => kind === 'accepted' || kind === 'known')) {
      entry.takenAtHead = this.parts.headNumber();
      entry.resendAt = undefined;
      this.note(entry);
      return;
    }
    // A used nonce is ours in nearly all cases: the watcher finds the block. Everything else may change.
    entry.resendAt = this.parts.now() + resendAfterMs;
  }

  private log(entry: InFlightTransaction, verdict: SendVerdict): void {
    if (verdict.kind === 'accepted' || verdict.kind === 'known') return;
    this.parts.logger.warn({ hash: entry.hash, ...entry.identity, verdict }, 'broadcast not taken');
  }

  private note(entry: InFlightTransaction): void {
    if (entry.noted) return;
    this.notes.push(entry);
    if (!this.writing) void this.writeNotes();
  }

  /** Whatever came while one commit was on its way goes into the next. */
  private async writeNotes(): Promise<void> {
    this.writing = true;
    while (this.notes.length > 0 && !this.stopped) {
      const entries = this.notes.splice(0, 200);
      try {
        await this.parts.observations.apply(entries.map(noteOf));
        for (const entry of entries) entry.noted = true;
      } catch (error) {
        if (!(error instanceof QuorateError) || (error.kind !== 'unavailable' && error.kind !== 'conflict')) {
          this.parts.onFatal(error instanceof Error ? error : new Error(String(error)));
          break;
        }
        this.notes.unshift(...entries);
        if (error.kind === 'unavailable') await new Promise((resolve) => setTimeout(resolve, resendAfterMs));
      }
    }
    this.writing = false;
  }
}

function noteOf({ identity, hash }: InFlightTransaction): Observation {
  return { identity, command: { kind: 'note-broadcast', hash }, cause: hash };
}

/** Sends committed bytes to the chain, again and again until it holds them. Never anything that is not committed. */
import { type SendVerdict } from '@quorate/evm';
import { type Logger, QuorateError } from '@quorate/platform';
import { type Counter } from 'prom-client';

import { type Chain } from '../ports/chain.port';
import { type Flight, type InFlight, type SentTransaction, type SignedAttempt } from './in-flight';
import { type Observation, type Observations } from './observations';

/** When a send that no endpoint took is repeated, in milliseconds: doubling from the first to the second. */
const resendAfterMs = 1_000;
const longestResendMs = 15_000;
/** Sends at the same time. */
const concurrency = 32;

export interface BroadcasterParts {
  chain: Chain;
  inFlight: InFlight;
  observations: Observations;
  headNumber: () => number;
  verdicts: Counter<'verdict'>;
  logger: Logger;
  onFatal: (error: Error) => void;
  now: () => number;
}

export class Broadcaster {
  private readonly waiting: Flight[] = [];
  private readonly sending = new Set<Flight>();
  private readonly notes: { flight: Flight; attempt: SignedAttempt }[] = [];
  private writing = false;
  private stopped = false;

  constructor(private readonly parts: BroadcasterParts) {}

  /** Sends a transaction as soon as there is room. */
  send(transaction: SentTransaction): void {
    this.sendNewest(this.parts.inFlight.add(transaction));
  }

  /** Sends what the chain should have had by now. */
  sendAgain(): void {
    const { inFlight, headNumber, now } = this.parts;
    for (const flight of inFlight.toResend(headNumber(), now(), 4 * concurrency)) this.sendNewest(flight);
  }

  stop(): void {
    this.stopped = true;
  }

  private sendNewest(flight: Flight): void {
    if (this.stopped || this.sending.has(flight)) return;
    this.sending.add(flight);
    this.waiting.push(flight);
    this.startNext();
  }

  private startNext(): void {
    while (this.sending.size - this.waiting.length < concurrency) {
      const flight = this.waiting.shift();
      if (flight === undefined) return;
      void this.sendNow(flight).finally(() => {
        this.sending.delete(flight);
        this.startNext();
      });
    }
  }

  private async sendNow(flight: Flight): Promise<void> {
    const attempt = flight.attempts.at(-1);
    if (attempt === undefined || flight.inclusion !== undefined || this.stopped) return;
    const verdicts = await this.parts.chain.send(attempt.raw, attempt.hash);
    for (const verdict of verdicts) this.count(flight, attempt, verdict);
    if (verdicts.some(({ kind }) => kind === 'accepted' || kind === 'known')) {
      const takenAtHead = this.parts.headNumber();
      Object.assign(flight, { takenAtHead, resendAt: undefined, refusals: 0 });
      flight.firstTakenAtHead ??= takenAtHead;
      this.note(flight, attempt);
      return;
    }
    flight.isUnderpriced ||= verdicts.length > 0 && verdicts.every(isUnderpriced);
    // A used nonce is ours in nearly all cases: the watcher finds the block. Everything else may change.
    flight.resendAt = this.parts.now() + Math.min(resendAfterMs * 2 ** flight.refusals, longestResendMs);
    flight.refusals += 1;
  }

  private count(flight: Flight, { hash }: SignedAttempt, verdict: SendVerdict): void {
    const name = verdict.kind === 'rejected' ? verdict.reason : verdict.kind;
    this.parts.verdicts.inc({ verdict: name });
    if (verdict.kind === 'accepted' || verdict.kind === 'known') return;
    this.parts.logger.warn({ hash, ...flight.identity, verdict }, 'broadcast not taken');
  }

  private note(flight: Flight, attempt: SignedAttempt): void {
    if (attempt.isNoted) return;
    this.notes.push({ flight, attempt });
    if (!this.writing) void this.writeNotes();
  }

  /** Whatever came while one commit was on its way goes into the next. */
  private async writeNotes(): Promise<void> {
    this.writing = true;
    while (this.notes.length > 0 && !this.stopped) {
      const notes = this.notes.splice(0, 200);
      try {
        await this.parts.observations.apply(notes.map(observationOf));
        for (const { attempt } of notes) attempt.isNoted = true;
      } catch (error) {
        if (!(error instanceof QuorateError) || (error.kind !== 'unavailable' && error.kind !== 'conflict')) {
          this.parts.onFatal(error instanceof Error ? error : new Error(String(error)));
          break;
        }
        this.notes.unshift(...notes);
        if (error.kind === 'unavailable') await new Promise((resolve) => setTimeout(resolve, resendAfterMs));
      }
    }
    this.writing = false;
  }
}

function observationOf({ flight, attempt }: { flight: Flight; attempt: SignedAttempt }): Observation {
  const { hash } = attempt;
  return { identity: flight.identity, command: { kind: 'note-broadcast', hash }, cause: hash };
}

function isUnderpriced(verdict: SendVerdict): boolean {
  if (verdict.kind !== 'rejected') return false;
  return ['fee-below-base', 'underpriced', 'replacement-underpriced'].includes(verdict.reason);
}

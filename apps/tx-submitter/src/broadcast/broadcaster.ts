/** Sends committed bytes to the chain, again and again until it holds them. Never anything that is not committed. */
import { type Rejection } from '@quorate/evm';
import { isPassing, type Logger } from '@quorate/platform';

import { type BroadcastVerdict } from '../endpoints/broadcast-verdict';
import { type IntentCommand } from '../intent/commands';
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
  /** Undefined before the first block was seen. */
  headNumber: () => number | undefined;
  logger: Logger;
  onFatal: (error: Error) => void;
  now: () => number;
}

/** What endpoints say of a transaction, to be written down. */
interface Note {
  flight: Flight;
  command: IntentCommand;
  attempt: SignedAttempt;
}

/** Refusals that higher fees mend. */
const tooCheap = new Set<Rejection>(['fee-below-base', 'underpriced', 'replacement-underpriced']);
/** Refusals that nothing mends: the transaction itself is wrong for this chain. */
const hopeless = new Set<Rejection>([
  'intrinsic-gas',
  'gas-above-block-limit',
  'not-allowed',
  'too-large',
  'malformed',
]);

export class Broadcaster {
  private readonly waiting: Flight[] = [];
  private readonly sending = new Set<Flight>();
  private readonly notes: Note[] = [];
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
    for (const flight of inFlight.toResend(headNumber() ?? 0, now(), 4 * concurrency))
      this.sendNewest(flight);
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
    const verdict = await this.parts.chain.broadcast(attempt.raw, attempt.hash, attempt.isNoted).first;
    if (verdict.kind === 'pooled') {
      const takenAtHead = this.parts.headNumber();
      const resendAt = takenAtHead === undefined ? this.parts.now() + resendAfterMs : undefined;
      Object.assign(flight, { takenAtHead, resendAt, refusals: 0 });
      flight.firstTakenAtHead ??= takenAtHead;
      this.note(flight, { kind: 'note-broadcast', hash: attempt.hash }, attempt);
      return;
    }
    this.parts.logger.warn({ hash: attempt.hash, ...flight.identity, verdict }, 'broadcast not taken');
    // A used nonce is ours in nearly all cases: the watcher finds the block. Everything else may change.
    flight.resendAt = this.parts.now() + Math.min(resendAfterMs * 2 ** flight.refusals, longestResendMs);
    flight.refusals += 1;
    flight.isNonceUsed = verdict.kind === 'nonce-used';
    if (verdict.kind === 'rejected') this.rejected(flight, attempt, verdict);
  }

  /** No endpoint has the transaction, and none may have it: what has to change. */
  private rejected(
    flight: Flight,
    attempt: SignedAttempt,
    { reason: code, message: reason }: Extract<BroadcastVerdict, { kind: 'rejected' }>,
  ): void {
    if (tooCheap.has(code)) flight.isUnderpriced = true;
    else if (code === 'insufficient-funds')
      this.note(flight, { kind: 'park', code: 'funds', reason }, attempt);
    else if (hopeless.has(code) && flight.attempts.every(({ isNoted }) => !isNoted))
      this.note(flight, { kind: 'close', code, reason }, attempt);
  }

  private note(flight: Flight, command: IntentCommand, attempt: SignedAttempt): void {
    if (command.kind === 'note-broadcast' && attempt.isNoted) return;
    this.notes.push({ flight, command, attempt });
    if (!this.writing) void this.writeNotes();
  }

  /** Whatever came while one commit was on its way goes into the next. */
  private async writeNotes(): Promise<void> {
    this.writing = true;
    while (this.notes.length > 0 && !this.stopped) {
      const notes = this.notes.splice(0, 200);
      try {
        await this.parts.observations.apply(notes.map(observationOf));
        for (const { command, attempt } of notes) attempt.isNoted ||= command.kind === 'note-broadcast';
      } catch (error) {
        if (!isPassing(error)) {
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

function observationOf({ flight, command, attempt }: Note): Observation {
  return { identity: flight.identity, lane: flight.lane, command, cause: attempt.hash };
}

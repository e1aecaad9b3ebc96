/** Sends committed bytes to the chain, again and again until it holds them. Never anything that is not committed. */
import { type Rejection } from '@quorate/evm';
import { isPassing, type Logger } from '@quorate/platform';

import { type BroadcastVerdict } from '../endpoints/broadcast-verdict';
import { type IntentCommand } from '../intent/commands';
import { type LaneId, laneName } from '../lane/lane';
import { type Chain } from '../ports/chain.port';
import { type Flight, type InFlight, type SentTransaction, type SignedAttempt } from './in-flight';
import { type Observation, type Observations } from './observations';
import { SendOrder } from './send-order';

/** When a send that no endpoint took is repeated, in milliseconds: doubling from the first to the second. */
const resendAfterMs = 1_000;
const longestResendMs = 15_000;
/** Sends at the same time. */
const concurrency = 32;
/** Resends that are looked for at once: sorting thousands for every few would cost more than sending them. */
const resendsAtOnce = 1_024;

export interface BroadcasterParts {
  chain: Pick<Chain, 'broadcast'>;
  inFlight: InFlight;
  observations: Pick<Observations, 'apply'>;
  /** Undefined before the first block was seen. */
  headNumber: () => number | undefined;
  /** Told of each transaction that an endpoint had, and that is sent again. */
  onSentAgain: () => void;
  /** Called when a first accept was committed: it makes room in the window of its lane. */
  wakeLane: (lane: LaneId) => void;
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
  private readonly order = new SendOrder();
  private readonly waiting: Flight[] = [];
  private readonly sending = new Set<Flight>();
  private readonly notes: Note[] = [];
  /** Whether more may be due than `waiting` was given. */
  private hasMoreDue = false;
  private writing = false;
  private stopped = false;

  constructor(private readonly parts: BroadcasterParts) {}

  /** Nonces of a lane were reserved: what comes for later ones waits for theirs. */
  expect(lane: LaneId, nonces: readonly bigint[]): void {
    this.order.expect(lane, nonces);
  }

  /** Sends a transaction as soon as there is room, the first of its intent after that of the nonce before. */
  send(transaction: SentTransaction): void {
    const flight = this.parts.inFlight.add(transaction);
    if (transaction.isWithheld === true) return;
    const isFirst = flight.attempts.filter(({ isWithheld }) => isWithheld !== true).length === 1;
    if (!isFirst || this.order.mayGo(flight, this.parts.now())) this.sendNewest(flight);
  }

  /** Sends what the chain should have had by now. */
  sendAgain(): void {
    const { inFlight, headNumber, onSentAgain, now } = this.parts;
    for (const flight of this.order.overdue(now())) this.sendNewest(flight);
    const due = inFlight.toResend(headNumber() ?? 0, now(), resendsAtOnce);
    this.hasMoreDue = due.length === resendsAtOnce;
    for (const flight of due) {
      if (flight.attempts.at(-1)?.isNoted === true) onSentAgain();
      this.sendNewest(flight);
    }
  }

  /** Waits for nothing on lanes that another submitter goes on with. */
  forget(lanes: LaneId[]): void {
    this.order.forget(lanes);
  }

  stop(): void {
    this.stopped = true;
  }

  private sendNewest(flight: Flight): void {
    if (this.stopped || this.sending.has(flight)) return;
    this.sending.add(flight);
    // Until the answer it is not due.
    Object.assign(flight, { takenAtHead: undefined, resendAt: undefined });
    this.waiting.push(flight);
    this.startNext();
  }

  private startNext(): void {
    while (this.sending.size - this.waiting.length < concurrency) {
      const flight = this.waiting.shift();
      if (flight === undefined) break;
      const attempt = newestOf(flight);
      void this.sendNow(flight, attempt).finally(() => {
        this.sending.delete(flight);
        // A newer one was signed meanwhile.
        if (newestOf(flight) !== attempt) this.sendNewest(flight);
        this.startNext();
      });
    }
    if (this.waiting.length > 0 || !this.hasMoreDue) return;
    this.hasMoreDue = false;
    this.sendAgain();
  }

  private async sendNow(flight: Flight, attempt: SignedAttempt | undefined): Promise<void> {
    if (attempt === undefined || flight.inclusion !== undefined || this.stopped) return;
    const { first } = this.parts.chain.broadcast(attempt.raw, attempt.hash, attempt.isNoted);
    this.sendNext(this.order.gone(flight));
    const verdict = await first;
    if (verdict.kind === 'pooled') {
      const takenAtHead = this.parts.headNumber();
      const resendAt = takenAtHead === undefined ? this.parts.now() + resendAfterMs : undefined;
      Object.assign(flight, { takenAtHead, resendAt, refusals: 0 });
      flight.firstTakenAtHead ??= takenAtHead;
      this.sendNext(this.order.taken(flight));
      this.note(flight, { kind: 'note-broadcast', hash: attempt.hash }, attempt);
      return;
    }
    this.parts.logger.warn({ hash: attempt.hash, ...flight.identity, verdict }, 'broadcast not taken');
    // A used nonce is ours in nearly all cases: the watcher finds the block. Everything else may change.
    flight.resendAt = this.parts.now() + Math.min(resendAfterMs * 2 ** flight.refusals, longestResendMs);
    flight.refusals += 1;
    flight.isNonceUsed = verdict.kind === 'nonce-used';
    if (flight.isNonceUsed) this.sendNext(this.order.taken(flight));
    if (verdict.kind === 'rejected') this.rejected(flight, attempt, verdict);
  }

  /** What waited for the transaction before it. */
  private sendNext(flight: Flight | undefined): void {
    if (flight !== undefined) this.sendNewest(flight);
  }

  /** No endpoint has the transaction, and none may have it: what has to change. */
  private rejected(
    flight: Flight,
    attempt: SignedAttempt,
    { reason: code, message: reason }: Extract<BroadcastVerdict, { kind: 'rejected' }>,
  ): void {
    if (tooCheap.has(code)) flight.isUnderpriced = true;
    else if (code === 'nonce-too-high') this.order.refusedForGap(flight, this.parts.now());
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
        this.written(notes);
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

  private written(notes: readonly Note[]): void {
    const lanes = new Map<string, LaneId>();
    for (const { flight, command, attempt } of notes) {
      if (command.kind !== 'note-broadcast') continue;
      attempt.isNoted = true;
      lanes.set(laneName(flight.lane), flight.lane);
    }
    for (const lane of lanes.values()) this.parts.wakeLane(lane);
  }
}

/** What is sent of a flight; undefined when all is withheld. */
function newestOf({ attempts }: Flight): SignedAttempt | undefined {
  return attempts.findLast(({ isWithheld }) => isWithheld !== true);
}

function observationOf({ flight, command, attempt }: Note): Observation {
  return { identity: flight.identity, lane: flight.lane, command, cause: attempt.hash };
}

/** The intents whose signed bytes may be on their way, until one of their transactions is final. */
import { type AttemptKind, type IntentIdentity, streamOf } from '../intent/events';
import { type LaneId, laneName } from '../lane/lane';

/** A signed transaction that is committed, so that it may be sent. */
export interface SentTransaction {
  identity: IntentIdentity;
  lane: LaneId;
  nonce: bigint;
  /** Blocks that must hold or follow it. */
  confirmations: number;
  /** Its place among the transactions of its intent, from 0. */
  n: number;
  kind: AttemptKind;
  hash: string;
  raw: string;
  /**
   * Set where it is not sent (any more), and watched all the same: its client cancelled before it was seen to be sent, and a
   * process that died or was paused may have sent it; or it is signed in advance, and whoever reads answers can send it.
   */
  isWithheld?: boolean;
}

/** One of the transactions of an intent. */
export type SignedAttempt = Pick<SentTransaction, 'n' | 'kind' | 'hash' | 'raw' | 'isWithheld'> & {
  /** Whether an endpoint was seen to have it, as the intent's events say. */
  isNoted: boolean;
};

/** An intent on its way: its transactions at one nonce, of which the chain takes one. */
export interface Flight extends Pick<SentTransaction, 'identity' | 'lane' | 'nonce' | 'confirmations'> {
  /** In the order in which they were made: of those that are sent, the last pays most. */
  attempts: SignedAttempt[];
  /** The canonical block that holds one of them. */
  inclusion?: { hash: string; block: { number: number; hash: string } } | undefined;
  /** Whether its client was told that it is confirmed there. */
  isConfirmed: boolean;
  /** The head's number at the last send that an endpoint took; undefined while none did. */
  takenAtHead?: number | undefined;
  /** The head's number when an endpoint first took the newest transaction. */
  firstTakenAtHead?: number | undefined;
  /** When a send that nobody took is repeated, in milliseconds since 1970. */
  resendAt?: number | undefined;
  /** Sends in a row that nobody took. */
  refusals: number;
  /** The head's number when a replacement was last asked for. */
  replacedAtHead?: number | undefined;
  /** Whether pools ask for higher fees. */
  isUnderpriced: boolean;
  /** Heads at which something that is not ours had used its nonce up for good, in a row. */
  foreignHeads: number;
  /** Whether endpoints say that its nonce is used. */
  isNonceUsed: boolean;
}

/** Heads that may pass without inclusion before the same bytes are sent again: pools lose transactions silently. */
const patienceInHeads = 2;

export class InFlight {
  private readonly byStream = new Map<string, Flight>();
  private readonly byHash = new Map<string, Flight>();

  /** Adds a transaction to the flight of its intent, or has one that was withheld be sent. */
  add({ identity, lane, nonce, confirmations, ...attempt }: SentTransaction, isNoted = false): Flight {
    const streamId = streamOf(identity);
    const flight = this.byStream.get(streamId) ?? {
      ...{ identity, lane, nonce, confirmations, attempts: [] },
      ...{ isConfirmed: false, refusals: 0, isUnderpriced: false, foreignHeads: 0, isNonceUsed: false },
    };
    this.byStream.set(streamId, flight);
    const known = flight.attempts.find(({ hash }) => hash === attempt.hash);
    if (known !== undefined && (known.isWithheld !== true || attempt.isWithheld === true)) return flight;
    this.byHash.set(attempt.hash, flight);
    const others = flight.attempts.filter((other) => other !== known);
    flight.attempts = [...others, { ...attempt, isNoted }].sort((a, b) => a.n - b.n);
    // What is only watched says nothing of how the others fare.
    if (attempt.isWithheld === true) return flight;
    return Object.assign(flight, {
      ...{ takenAtHead: undefined, firstTakenAtHead: undefined, resendAt: undefined },
      ...{ refusals: 0, isUnderpriced: false },
    });
  }

  /** Whether a transaction is known, and sent unless it is to be withheld. */
  knows({ hash, isWithheld }: Pick<SentTransaction, 'hash' | 'isWithheld'>): boolean {
    const known = this.byHash.get(hash)?.attempts.find((attempt) => attempt.hash === hash);
    return known !== undefined && (known.isWithheld !== true || isWithheld === true);
  }

  /** The flight that a transaction belongs to. */
  get(hash: string): Flight | undefined {
    return this.byHash.get(hash);
  }

  remove({ identity, attempts }: Flight): void {
    this.byStream.delete(streamOf(identity));
    for (const { hash } of attempts) this.byHash.delete(hash);
  }

  /** Forgets the flights of lanes that another submitter goes on with. */
  removeLanes(lanes: LaneId[]): void {
    const names = new Set(lanes.map(laneName));
    for (const flight of this.all()) if (names.has(laneName(flight.lane))) this.remove(flight);
  }

  all(): Flight[] {
    return [...this.byStream.values()];
  }

  get size(): number {
    return this.byStream.size;
  }

  /** Of each lane the flight with the lowest nonce that no block holds: all others wait for it. */
  headsOfLine(): Flight[] {
    const heads = new Map<string, Flight>();
    for (const flight of this.byStream.values()) {
      if (flight.inclusion !== undefined) continue;
      const lane = laneName(flight.lane);
      const head = heads.get(lane);
      if (head === undefined || flight.nonce < head.nonce) heads.set(lane, flight);
    }
    return [...heads.values()];
  }

  /** At most `limit` flights to send again now, lowest nonces first. */
  toResend(head: number, now: number, limit: number): Flight[] {
    return this.all()
      .filter((flight) => flight.inclusion === undefined && isDue(flight, head, now))
      .sort((a, b) => (a.nonce < b.nonce ? -1 : 1))
      .slice(0, limit);
  }
}

function isDue({ resendAt, takenAtHead }: Flight, head: number, now: number): boolean {
  if (resendAt !== undefined) return resendAt <= now;
  return takenAtHead !== undefined && head - takenAtHead >= patienceInHeads;
}

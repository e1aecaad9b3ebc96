/**
 * The order in which a lane's transactions are sent for the first time: by nonce, though their signatures come in any order.
 * Most pools keep a transaction whose nonce is ahead, so that the next one may leave as soon as the one before it has
 * left. Once all endpoints refuse one for a gap (Nethermind does), the next leaves only when the one before was taken.
 */
import { type LaneId, laneName } from '../lane/lane';
import { type Flight } from './in-flight';

/**
 * How long a transaction waits for the one before it, in milliseconds: what that one waits for (its signers, another
 * process that sends it) must not keep this one from pools that would keep it.
 */
const longestWaitMs = 2_000;
/** Nonces so far below one that was taken are not waited for: they went another way. */
const memory = 1_024n;

interface Held {
  flight: Flight;
  until: number;
}

interface LaneOrder {
  /** Nonces that no endpoint was seen to take: still `coming`, or `gone` to the endpoints. */
  open: Map<bigint, 'coming' | 'gone'>;
  /** What waits for the nonce before its own, by its own. */
  held: Map<bigint, Held>;
}

export class SendOrder {
  private readonly lanes = new Map<string, LaneOrder>();
  /** Whether a gap was refused: from then on each waits until the one before it was taken. */
  private isStrict = false;

  /** Nonces were reserved: their transactions will come. */
  expect(lane: LaneId, nonces: readonly bigint[]): void {
    const { open } = this.lane(lane);
    for (const nonce of nonces) open.set(nonce, 'coming');
  }

  /** Whether a transaction can be sent for the first time now; otherwise it is kept until it can. */
  mayGo(flight: Flight, now: number): boolean {
    const before = this.lane(flight.lane).open.get(flight.nonce - 1n);
    if (before === undefined || (before === 'gone' && !this.isStrict)) return true;
    this.keep(flight, now);
    return false;
  }

  /** It is being sent. @returns what can be sent after it */
  gone({ lane, nonce }: Flight): Flight | undefined {
    const { open } = this.lane(lane);
    if (open.has(nonce)) open.set(nonce, 'gone');
    return this.isStrict ? undefined : this.release(lane, nonce + 1n);
  }

  /** An endpoint has it, or its nonce is used. @returns what can be sent after it */
  taken({ lane, nonce }: Flight): Flight | undefined {
    const { open } = this.lane(lane);
    open.delete(nonce);
    for (const old of open.keys()) {
      if (old + memory > nonce) break;
      open.delete(old);
    }
    return this.release(lane, nonce + 1n);
  }

  /** Endpoints refused it because of the nonces before it: it is kept until the one before it was taken. */
  refusedForGap(flight: Flight, now: number): void {
    this.isStrict = true;
    if (this.lane(flight.lane).open.has(flight.nonce - 1n)) this.keep(flight, now);
  }

  /** What has waited too long. */
  overdue(now: number): Flight[] {
    const flights: Flight[] = [];
    for (const { open, held } of this.lanes.values()) {
      for (const [nonce, { flight, until }] of held) {
        if (until > now) continue;
        held.delete(nonce);
        open.delete(nonce - 1n);
        flights.push(flight);
      }
    }
    return flights;
  }

  /** Another submitter goes on with these lanes. */
  forget(lanes: LaneId[]): void {
    for (const lane of lanes) this.lanes.delete(laneName(lane));
  }

  private keep(flight: Flight, now: number): void {
    this.lane(flight.lane).held.set(flight.nonce, { flight, until: now + longestWaitMs });
  }

  private release(lane: LaneId, nonce: bigint): Flight | undefined {
    const { held } = this.lane(lane);
    const found = held.get(nonce);
    held.delete(nonce);
    return found?.flight;
  }

  private lane(lane: LaneId): LaneOrder {
    const name = laneName(lane);
    const known = this.lanes.get(name) ?? { open: new Map(), held: new Map() };
    this.lanes.set(name, known);
    return known;
  }
}

/** Finds intents whose nonce was used up, for good, by a transaction that is not ours: paying again needs a new intent. */
import { type EventStore } from '@quorate/event-store';
import { type Block } from '@quorate/evm';
import { isPassing, type Logger } from '@quorate/platform';

import { type ForeignAlarm } from '../foreign/foreign-alarm';
import { IntentSession } from '../intent/intent-session';
import { type LaneId, laneName } from '../lane/lane';
import { type LaneLeases } from '../lane/lane-leases';
import { type Chain } from '../ports/chain.port';
import { type OutcomeRecords } from '../ports/outcome-records.port';
import { type Flight, type InFlight } from './in-flight';

/** Heads in a row at which everything must say so. */
const holdDownHeads = 3;

export interface ForeignParts {
  store: EventStore;
  chain: Chain;
  inFlight: InFlight;
  leases: Pick<LaneLeases, 'guard'>;
  outcomes: OutcomeRecords;
  alarm: ForeignAlarm;
  logger: Logger;
  /** Told when a flight is suspected first. */
  onSuspected: (flight: Flight) => void;
  onFatal: (error: Error) => void;
}

export class ForeignNonces {
  private current: Promise<void> | undefined;

  constructor(private readonly parts: ForeignParts) {}

  /** Looks at every transaction of which endpoints say that its nonce is used, and that no block holds. */
  onHead(head: Block): void {
    this.current ??= this.lookAtAll(head).finally(() => (this.current = undefined));
  }

  private async lookAtAll(head: Block): Promise<void> {
    const lost = new Map<string, { lane: LaneId; flights: Flight[] }>();
    for (const flight of this.parts.inFlight.all()) {
      if (!flight.isNonceUsed || flight.inclusion !== undefined) continue;
      const isLost = await this.tried(() => this.isLost(flight, head));
      if (isLost === undefined) {
        flight.foreignHeads = 0;
        return;
      }
      if (!isLost) continue;
      const { lane } = flight;
      const ofLane = lost.get(laneName(lane)) ?? { lane, flights: [] };
      ofLane.flights.push(flight);
      lost.set(laneName(lane), ofLane);
    }
    for (const { lane, flights } of lost.values())
      await this.tried(() => this.supersede(lane, flights, head));
  }

  /** Undefined when it has to be tried again. */
  private async tried<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isPassing(error)) this.parts.onFatal(error instanceof Error ? error : new Error(String(error)));
      else this.parts.logger.warn({ err: error }, 'foreign transactions are looked for again');
      return undefined;
    }
  }

  private async isLost(flight: Flight, head: Block): Promise<boolean> {
    flight.foreignHeads = (await this.isForeign(flight, head)) ? flight.foreignHeads + 1 : 0;
    if (flight.foreignHeads === 1) this.parts.onSuspected(flight);
    return flight.foreignHeads >= holdDownHeads && flight.inclusion === undefined;
  }

  /** Ends intents of one lane, and raises the alarm about their nonces. */
  private async supersede(lane: LaneId, flights: Flight[], head: Block): Promise<void> {
    const { store, leases, outcomes, alarm, inFlight } = this.parts;
    await store.transaction(async (tx) => {
      await leases.guard(tx, lane);
      const identities = flights.map(({ identity }) => identity);
      const session = await IntentSession.load(tx, outcomes, identities);
      const nonces: bigint[] = [];
      const ended: Flight[] = [];
      let keyId: string | undefined;
      for (const flight of flights) {
        const { identity, nonce } = flight;
        const before = session.state(identity);
        const reason = `nonce ${nonce} of ${lane.address} was used by a transaction that was not made here`;
        const events = await session.execute(identity, { kind: 'note-superseded', reason }, head.hash);
        if (session.state(identity).stage !== 'active') ended.push(flight);
        if (events.length === 0 || before.stage === 'unknown') continue;
        nonces.push(nonce);
        keyId = before.facts.keyId;
      }
      if (keyId !== undefined) await alarm.raise(tx, { lane, nonces, keyId });
      tx.afterCommit(() => ended.forEach((flight) => inFlight.remove(flight)));
    });
  }

  /** Whether a quorum of endpoints says that its nonce is used, at a final height, and that none of ours is anywhere. */
  private async isForeign({ lane, nonce, attempts }: Flight, head: Block): Promise<boolean> {
    const { chain } = this.parts;
    if ((await chain.nonceUsed(lane.address, nonce, 'finalized')) !== 'used') return false;
    for (const { hash } of attempts) {
      if ((await chain.absent(hash, head.number)) !== 'absent') return false;
    }
    return true;
  }
}

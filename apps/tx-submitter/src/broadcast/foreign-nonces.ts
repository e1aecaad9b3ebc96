/**
 * Finds intents whose nonce was used up, for good, by a transaction that is not among theirs. It may be one of theirs with
 * another signature: ECDSA has many for the same bytes, and whoever coordinates can have more than one made. Otherwise paying
 * again needs a new intent.
 */
import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { attachSignature, type Block, type EcdsaSignature, type SignedTransaction } from '@quorate/evm';
import { isPassing, type Logger, QuorateError } from '@quorate/platform';

import { type ForeignAlarm } from '../foreign/foreign-alarm';
import { streamOf } from '../intent/events';
import { IntentSession } from '../intent/intent-session';
import { type AskedAttempt, askedAttempts, keepSigned, keepSignedAgain } from '../lane/attempt-table';
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

/** An attempt, and the same transaction with the signature with which the chain has it. */
interface Twin {
  attempt: AskedAttempt;
  signed: SignedTransaction;
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

  /** Ends intents of one lane, and raises the alarm about their nonces, but for those whose own transaction it was. */
  private async supersede(lane: LaneId, flights: Flight[], head: Block): Promise<void> {
    const { store, leases, outcomes, alarm, inFlight } = this.parts;
    const spent = new Map<Flight, Twin | 'another' | 'unseen'>();
    for (const flight of flights) spent.set(flight, await this.spentBy(flight));
    await store.transaction(async (tx) => {
      await leases.guard(tx, lane);
      const identities = flights.map(({ identity }) => identity);
      const session = await IntentSession.load(tx, outcomes, identities);
      const nonces: bigint[] = [];
      const ended: Flight[] = [];
      let keyId: string | undefined;
      for (const flight of flights) {
        const { identity, nonce } = flight;
        const by = spent.get(flight);
        if (typeof by === 'object') {
          await this.adopt(tx, session, flight, by, head);
          continue;
        }
        const before = session.state(identity);
        const doubt = by === 'unseen' ? '; no endpoint shows it: look at it before you pay again' : '';
        const reason = `nonce ${nonce} of ${lane.address} was used by a transaction that was not made here${doubt}`;
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

  /** What used its nonce: an attempt with another signature than its own, another transaction, or what no endpoint shows. */
  private async spentBy({ identity, lane, nonce }: Flight): Promise<Twin | 'another' | 'unseen'> {
    const { chain, store } = this.parts;
    const spenders = await chain.spenders(lane.address, nonce);
    if (spenders.length === 0) return 'unseen';
    const asked = await store.transaction((tx) => askedAttempts(tx, streamOf(identity)), { durable: false });
    for (const attempt of asked) {
      for (const { hash, r, s } of spenders) {
        const signed = ([0, 1] as const)
          .map((yParity) => signedWith(attempt.unsigned, { r, s, yParity }))
          .find((one) => one?.hash === hash && one.from === lane.address);
        if (signed !== undefined) return { attempt, signed };
      }
    }
    return 'another';
  }

  /** From the commit on it is looked for in the blocks as the others are. */
  private async adopt(
    tx: StoreTransaction,
    session: IntentSession,
    flight: Flight,
    { attempt, signed }: Twin,
    head: Block,
  ): Promise<void> {
    const { identity, lane, nonce, confirmations } = flight;
    const { n, kind, requestId, gasLimit } = attempt;
    const state = session.state(identity);
    const known = state.stage === 'active' ? state.attempts : [];
    const { hash, raw } = signed;
    const adopt = { kind: 'adopt-signature' as const, attempt: n, requestId, hash, gasLimit };
    if ((await session.execute(identity, adopt, head.hash)).length === 0) return;
    const isAgain = known[n]?.hash !== undefined;
    if (isAgain) keepSignedAgain(tx, streamOf(identity), n, known.length, signed);
    else keepSigned(tx, streamOf(identity), n, signed);
    tx.afterCommit(() => {
      const place = isAgain ? known.length : n;
      const transaction = { n: place, kind, hash, raw, isWithheld: true };
      this.parts.inFlight.add({ identity, lane, nonce, confirmations, ...transaction });
      this.parts.logger.error(
        { ...identity, hash, requestId },
        'executed with a signature that was not published: somebody with a coordinator had it signed twice',
      );
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

/** Undefined when the signature is none of these bytes. */
function signedWith(unsigned: string, signature: EcdsaSignature): SignedTransaction | undefined {
  try {
    return attachSignature(unsigned, signature);
  } catch (error) {
    if (error instanceof QuorateError) return undefined;
    throw error;
  }
}

/** What an operator needs to know of one lane. Chain values are decimal strings, amounts in wei. */
import { Inject, Injectable } from '@nestjs/common';
import { type EventStore } from '@quorate/event-store';
import { isPassing, problems } from '@quorate/platform';

import { SUBMITTER_CONFIG, type SubmitterConfig } from '../configuration';
import { unknownNonces } from '../foreign/foreign-nonce-table';
import { chainPause } from '../lane/chain-pause';
import { type LaneId } from '../lane/lane';
import { feesOf } from '../lane/lane-fee-table';
import { type LaneReading, readLane } from '../metrics/lane-snapshot';
import { type Chain } from '../ports/chain.port';
import { CHAIN, EVENT_STORE } from '../ports/tokens';
import { TransactionQueries } from './transaction-queries';
import { type TransactionView, transactionView } from './transaction-view';

export interface LaneDiagnosis extends LaneId {
  /** `paused` also when all lanes are. */
  status: string;
  holder: string | null;
  epoch: string;
  nextNonce: string;
  /** The first nonce that no block was seen to use, and the first that is not final. */
  latestNonce: string;
  finalizedNonce: string;
  /** Below the next one, of no intent: what comes after them cannot be mined. At most 64. */
  missingNonces: string[];
  /** Intents that are not over, by status, and those that are parked by code. */
  intents: LaneReading['statuses'];
  parked: LaneReading['parked'];
  inFlight: number;
  /** What the lane waits for: the intent with the lowest nonce that no block was seen to use. */
  headOfLine: (TransactionView & { reservedAt: string | null }) | null;
  /** Null while no endpoint answers. */
  balance: string | null;
  /** Null without LANE_BUDGET_PER_HOUR. */
  budget: { perHour: string; committed: string } | null;
}

@Injectable()
export class LaneDiagnoses {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(CHAIN) private readonly chain: Chain,
    @Inject(SUBMITTER_CONFIG) private readonly config: SubmitterConfig,
    private readonly queries: TransactionQueries,
  ) {}

  async of(lane: LaneId): Promise<LaneDiagnosis> {
    const { reading, missing, committed, pause } = await this.read(lane);
    const { LANE_BUDGET_PER_HOUR: perHour } = this.config;
    const [headOfLine, balance] = await Promise.all([this.headOfLine(reading), this.balance(lane.address)]);
    return {
      ...lane,
      status: pause === undefined ? reading.status : 'paused',
      ...{ holder: reading.holder, epoch: reading.epoch },
      ...{ nextNonce: reading.next, latestNonce: reading.latest, finalizedNonce: reading.finalized },
      missingNonces: missing.map(String),
      ...{
        intents: reading.statuses,
        parked: reading.parked,
        inFlight: reading.inFlight,
        headOfLine,
        balance,
      },
      budget: perHour === undefined ? null : { perHour: String(perHour), committed: String(committed) },
    };
  }

  private read(lane: LaneId) {
    return this.store.transaction(
      async (tx) => {
        const reading = await readLane(tx, lane);
        if (reading === undefined)
          throw problems.notFound('No intent was ever sent from this account on this chain.');
        const [unknown, { committed }, pause] = await Promise.all([
          unknownNonces(tx, lane, reading.finalized),
          feesOf(tx, lane),
          chainPause(tx, lane.chainId),
        ]);
        const missing = unknown.filter((nonce) => nonce < BigInt(reading.next));
        return { reading, missing, committed, pause };
      },
      { durable: false },
    );
  }

  private async headOfLine(reading: LaneReading): Promise<LaneDiagnosis['headOfLine']> {
    const { waitingFor } = reading;
    const row = waitingFor === null ? undefined : await this.queries.at(reading, waitingFor);
    if (row === undefined) return null;
    const events = await this.queries.history(row);
    const reserved = events.findLast(
      ({ type }) => type === 'quorate.tx.nonce-reserved.v1' || type === 'quorate.tx.filler-created.v1',
    );
    const view = transactionView(row, this.chain.head()?.number);
    return { ...view, reservedAt: reserved?.occurredAt.toISOString() ?? null };
  }

  private async balance(address: string): Promise<string | null> {
    try {
      return String(await this.chain.balance(address));
    } catch (error) {
      if (isPassing(error)) return null;
      throw error;
    }
  }
}

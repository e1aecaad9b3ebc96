/** How lanes stand, for operators; read from the database at a scrape, at most every few seconds. */
import { type EventStore } from '@quorate/event-store';
import { type Logger, type Metrics } from '@quorate/platform';
import { type Gauge } from 'prom-client';

import { laneName } from '../lane/lane';
import { HeadOfLine } from './head-of-line';
import { type LaneReading, readSnapshot, type Snapshot } from './lane-snapshot';

/** How long a reading counts, in milliseconds. */
const freshMs = 3_000;
/** Lanes with values of their own: those with most on their way. The others are in the sums only. */
const mostLanes = 100;
/** Accounts whose balance is asked for, and how often, in milliseconds. */
const mostBalances = 20;
const balanceMs = 30_000;

export interface LaneMetricsParts {
  metrics: Metrics;
  store: Pick<EventStore, 'transaction'>;
  chainId: string;
  /** Wei. */
  balance: (address: string) => Promise<bigint>;
  headNumber: () => number | undefined;
  logger: Logger;
  now: () => number;
}

export class LaneMetrics {
  private readonly headOfLine = new HeadOfLine();
  private snapshot: Snapshot | undefined;
  private readAt = -Infinity;
  private reading: Promise<void> | undefined;
  private balances = new Map<string, bigint>();
  private balancesAt = -Infinity;

  constructor(private readonly parts: LaneMetricsParts) {
    this.laneGauge('lane_next_nonce', 'The first nonce that was never given to an intent.', ({ next }) =>
      Number(next),
    );
    this.laneGauge('lane_latest_nonce', 'The first nonce that no block was seen to use.', ({ latest }) =>
      Number(latest),
    );
    this.laneGauge('lane_finalized_nonce', 'The first nonce that is not final.', ({ finalized }) =>
      Number(finalized),
    );
    this.laneGauge(
      'lane_inflight',
      'Intents with signed transactions that are not final.',
      ({ inFlight }) => inFlight,
    );
    this.laneGauge('lane_gap', 'Nonces below the next one that no intent has.', ({ gap }) => gap);
    this.laneGauge('lane_paused', '1: it gives no nonces away.', ({ status }) =>
      status === 'active' ? 0 : 1,
    );
    this.laneGauge('lease_epoch', 'How often the lane got another submitter.', ({ epoch }) => Number(epoch));
    this.laneGauge(
      'lane_head_of_line_age_seconds',
      'Since when this submitter sees the lane wait for the same nonce.',
      (lane) => this.waited(lane).seconds,
    );
    this.laneGauge(
      'lane_head_of_line_blocks',
      'Blocks since this submitter sees the lane wait for the same nonce.',
      (lane) => this.waited(lane).blocks,
    );
    this.sumGauge(
      'intents_by_state',
      'Intents that are not over, by status.',
      'state',
      ({ statuses, parked }) => ({
        ...statuses,
        parked: sum(parked),
      }),
    );
    this.sumGauge('intents_parked', 'Intents that are parked, by code.', 'code', ({ parked }) => parked);
    this.single('lanes_all_paused', '1: all lanes are paused at once.', ({ allPaused }) =>
      allPaused ? 1 : 0,
    );
    this.balanceGauge();
  }

  private waited(lane: LaneReading) {
    return this.headOfLine.waited(lane, this.parts.now(), this.parts.headNumber());
  }

  /** The last reading, or a new one; scrapes share it. While the database is away there is none. */
  private async current(): Promise<Snapshot | undefined> {
    const { now, logger } = this.parts;
    if (now() - this.readAt >= freshMs) {
      this.reading ??= this.read()
        .catch((error: unknown) => {
          this.snapshot = undefined;
          logger.warn({ err: error }, 'lanes are not measured');
        })
        .finally(() => {
          this.readAt = now();
          this.reading = undefined;
        });
      await this.reading;
    }
    return this.snapshot;
  }

  private async read(): Promise<void> {
    const { store, chainId, now, headNumber } = this.parts;
    const snapshot = await readSnapshot(store, chainId);
    this.headOfLine.update(snapshot.lanes, now(), headNumber());
    this.snapshot = snapshot;
  }

  private async busiest(): Promise<LaneReading[]> {
    const { lanes = [] } = (await this.current()) ?? {};
    return [...lanes].sort((a, b) => b.inFlight - a.inFlight).slice(0, mostLanes);
  }

  private laneGauge(name: string, help: string, value: (lane: LaneReading) => number): void {
    const busiest = () => this.busiest();
    this.parts.metrics.gauge({
      ...{ name, help, labelNames: ['lane'] },
      async collect() {
        const lanes = await busiest();
        this.reset();
        for (const lane of lanes) this.set({ lane: laneName(lane) }, value(lane));
      },
    });
  }

  private sumGauge<Label extends string>(
    name: string,
    help: string,
    label: Label,
    values: (lane: LaneReading) => Partial<Record<string, number>>,
  ): void {
    const current = () => this.current();
    this.parts.metrics.gauge({
      ...{ name, help, labelNames: [label] },
      async collect(this: Gauge) {
        const { lanes = [] } = (await current()) ?? {};
        this.reset();
        for (const lane of lanes)
          for (const [key, count = 0] of Object.entries(values(lane))) this.inc({ [label]: key }, count);
      },
    });
  }

  private single(name: string, help: string, value: (snapshot: Snapshot) => number): void {
    const current = () => this.current();
    this.parts.metrics.gauge({
      ...{ name, help },
      async collect() {
        const snapshot = await current();
        this.reset();
        if (snapshot !== undefined) this.set(value(snapshot));
      },
    });
  }

  private balanceGauge(): void {
    const balances = () => this.currentBalances();
    this.parts.metrics.gauge({
      name: 'balance_wei',
      help: 'Money of the accounts with most on their way.',
      labelNames: ['lane'],
      async collect() {
        const known = await balances();
        this.reset();
        for (const [lane, wei] of known) this.set({ lane }, Number(wei));
      },
    });
  }

  private async currentBalances(): Promise<Map<string, bigint>> {
    const { now, balance } = this.parts;
    if (now() - this.balancesAt < balanceMs) return this.balances;
    this.balancesAt = now();
    const lanes = (await this.busiest()).slice(0, mostBalances);
    const asked = await Promise.allSettled(
      lanes.map(async (lane): Promise<[string, bigint]> => [laneName(lane), await balance(lane.address)]),
    );
    this.balances = new Map(asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : [])));
    return this.balances;
  }
}

function sum(counts: Partial<Record<string, number>>): number {
  return Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0);
}

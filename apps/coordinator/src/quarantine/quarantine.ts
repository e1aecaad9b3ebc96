import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { streams } from '@quorate/protocol';
import { type Clock } from '../ports/clock.port';
import { type NodeStandings } from '../ports/node-standings.port';
import { decide, type StandingCommand } from './decide';
import { isPublished, type PublishedStandingEvent } from './events';
import { evolve } from './evolve';
import { goodStanding, isResting, isStrained, type Standing } from './standing';

/** What was noted is stored together after this time. */
const GATHER_MS = 20;
const RETRY_MS = 1_000;
/** More than that is not kept while the database is away. */
const MOST_UNSTORED = 1_000;
/** A node that has yet to show that it works again is given one piece of work in this time. */
const TRY_EVERY_MS = 2_000;
/** An avoided member weighs more than two that work badly together. */
const AVOIDED = 3;

/** How a node stands, for operators. */
export interface StandingView {
  readonly suspected: boolean;
  /** RFC 3339; empty when it is not suspected. */
  readonly suspectedSince: string;
  /** The last fault of a node that is avoided or suspected; else empty. */
  readonly reason: string;
}

/**
 * Which nodes work is given to rather than to others. Every coordinator notes what it sees, at once for itself and a
 * moment later in the database, where the standings of all coordinators come together and where suspicion begins and
 * ends, once. What a crash forgets, the node shows again.
 */
export class Quarantine {
  private standings = new Map<string, Standing>();
  private unstored: StandingCommand[] = [];
  private readonly triedAt = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private storing: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly store: EventStore,
    private readonly records: NodeStandings,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Learns what other coordinators, or earlier lives of this one, noted. */
  async refresh(tx: StoreTransaction): Promise<void> {
    const stored = await this.records.all(tx);
    tx.afterCommit(() => {
      const isOwnNewer = new Set(this.unstored.map(({ node }) => node));
      for (const [node, standing] of stored) if (!isOwnNewer.has(node)) this.standings.set(node, standing);
    });
  }

  /** Stores what was noted last. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.storing;
    await this.persist().catch((error: unknown) =>
      this.logger.warn({ err: error }, 'standings were not stored'),
    );
  }

  /** @returns false when it changes nothing: good work of a good node, or what a resting node did before */
  note(command: StandingCommand): boolean {
    if (decide(command, this.of(command.node)).length === 0) return false;
    this.triedAt.delete(command.node);
    this.apply(command);
    if (this.unstored.length < MOST_UNSTORED) this.unstored.push(command);
    this.persistSoon(GATHER_MS);
    return true;
  }

  /** Whether others should be asked rather than this node. */
  isAvoided(node: string): boolean {
    return this.hasToProveItself(node) && !this.isDueForTry(node);
  }

  /** Work is given to these nodes: for one that has yet to show that it works again, this is the try. */
  given(committee: readonly string[]): void {
    for (const node of committee) {
      if (this.hasToProveItself(node)) this.triedAt.set(node, this.now());
    }
  }

  /** How much better another committee would be: one that needs no avoided node, and none of two that fail together. */
  doubts(committee: readonly string[]): number {
    const avoided = committee.filter((node) => this.isAvoided(node)).length;
    // A try is meant to find out whether they still do.
    const isTry = committee.some((node) => this.hasToProveItself(node) && this.isDueForTry(node));
    return AVOIDED * avoided + (isTry ? 0 : this.strainedIn(committee));
  }

  describe(node: string): StandingView {
    const { suspectedSince, reason } = this.of(node);
    const isMarked = suspectedSince !== null || this.isAvoided(node);
    return {
      suspected: suspectedSince !== null,
      suspectedSince: suspectedSince === null ? '' : new Date(suspectedSince).toISOString(),
      reason: isMarked ? (reason ?? '') : '',
    };
  }

  /** The nodes that are suspected now. */
  suspects(): string[] {
    return [...this.standings]
      .filter(([, { suspectedSince }]) => suspectedSince !== null)
      .map(([node]) => node);
  }

  private hasToProveItself(node: string): boolean {
    const { strikes, suspectedSince } = this.of(node);
    return strikes > 0 || suspectedSince !== null;
  }

  private isDueForTry(node: string): boolean {
    const now = this.now();
    const lastTry = this.triedAt.get(node);
    const isTryOver = lastTry === undefined || Math.abs(now - lastTry) >= TRY_EVERY_MS;
    return isTryOver && !isResting(this.of(node), now);
  }

  private strainedIn(committee: readonly string[]): number {
    const now = this.now();
    return committee.filter((node) => committee.some((peer) => isStrained(this.of(node), peer, now))).length;
  }

  private of(node: string): Standing {
    return this.standings.get(node) ?? goodStanding;
  }

  private persistSoon(afterMs: number): void {
    if (this.stopped || this.timer !== undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.storing = this.persist().catch((error: unknown) => {
        this.logger.warn({ err: error }, 'standings wait for the database');
        this.persistSoon(RETRY_MS);
      });
    }, afterMs);
  }

  private async persist(): Promise<void> {
    const commands = [...this.unstored];
    if (commands.length === 0) return;
    await this.store.transaction(async (tx) => {
      const standings = await this.records.lock(tx, [...new Set(commands.map(({ node }) => node))]);
      for (const command of commands) {
        const standing = standings.get(command.node) ?? goodStanding;
        const events = decide(command, standing);
        standings.set(command.node, events.reduce(evolve, standing));
        for (const event of events.filter(isPublished)) this.publish(tx, event);
      }
      this.records.save(tx, standings);
      tx.afterCommit(() => {
        this.unstored = this.unstored.slice(commands.length);
        for (const [node, standing] of standings) this.standings.set(node, standing);
        for (const command of this.unstored) this.apply(command);
      });
    });
    if (this.unstored.length > 0) this.persistSoon(GATHER_MS);
  }

  private apply(command: StandingCommand): void {
    const standing = this.of(command.node);
    this.standings.set(command.node, decide(command, standing).reduce(evolve, standing));
  }

  private publish(tx: StoreTransaction, { type, data }: PublishedStandingEvent): void {
    const { node, reason } = data;
    tx.appendNext(streams.node(node), [
      { type, data, correlationId: node, causationId: node, occurredAt: this.clock.now() },
    ]);
    tx.afterCommit(() => {
      const isSuspected = type === 'quorate.node.suspected.v1';
      this.logger[isSuspected ? 'warn' : 'info'](
        { node, reason },
        isSuspected ? 'node suspected' : 'node recovered',
      );
    });
  }

  private now(): number {
    return this.clock.now().getTime();
  }
}

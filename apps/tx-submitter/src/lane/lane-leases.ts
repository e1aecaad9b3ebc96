/**
 * Which lanes are this process's. Every write of a lane asks here within its transaction: what a process does that was
 * paused, and whose lane another has taken meanwhile, is undone.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { Conflict, isPassing, type Logger, Turns } from '@quorate/platform';

import { excess, fairShare } from './fair-share';
import { orphanPatienceMs } from './fillers';
import { type LaneId, laneName } from './lane';
import { announce } from './lane-channel';
import {
  buryDead,
  countReplicas,
  joinReplicas,
  leaveReplicas,
  type Lease,
  letGo,
  stayAlive,
  stillLeased,
  type SurveyedLane,
  surveyLanes,
  takeLanes,
} from './lease-table';

/** How often leases are renewed, and lanes looked for that nobody holds, in milliseconds. */
const roundMs = 2_000;

export interface LeaseParts {
  store: EventStore;
  chainId: string;
  /** Whether the chain is being followed; a submitter that cannot takes no lanes, and leaves its own when its leases end. */
  canWork: () => boolean;
  onTaken: (lanes: LaneId[]) => void;
  onLost: (lanes: LaneId[]) => void;
  logger: Logger;
  onFatal: (error: Error) => void;
}

interface Survey {
  lanes: SurveyedLane[];
  replicas: number;
}

export class LaneLeases {
  /** This process as the holder of lanes; new in each life: what a life held that was declared over is not its successor's. */
  private name: string | undefined;
  private readonly leases = new Map<string, Lease>();
  /** Lanes that others have, as this process last saw. */
  private elsewhere = new Set<string>();
  /** Rounds and claims take turns. */
  private readonly turns = new Turns();
  /** The round that has not begun. */
  private nextRound: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly parts: LeaseParts) {}

  start(): void {
    this.timer = setInterval(() => void this.lookAround(), roundMs);
    void this.lookAround();
  }

  /** Lets everything go, so that others go on at once. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.turns.over();
    const { name } = this;
    if (name === undefined) return;
    this.lose([...this.leases.values()]);
    const { store, logger } = this.parts;
    const leave = store.transaction(async (tx) => {
      await leaveReplicas(tx, name);
      await announce(tx, [{ kind: 'spare', from: store.owner }]);
    });
    await leave.catch((error: unknown) => logger.warn({ err: error }, 'leases end by themselves'));
  }

  /** The name under which this process holds lanes; undefined before it holds any. */
  get holder(): string | undefined {
    return this.name;
  }

  /** Whether a lane is this process's, as far as it knows. */
  holds(lane: LaneId): boolean {
    return this.leases.has(laneName(lane));
  }

  /**
   * Keeps others from taking a lane before `tx` ends.
   *
   * @throws Conflict `lease-lost` when it is not this process's.
   */
  async guard(tx: StoreTransaction, lane: LaneId): Promise<void> {
    const [held] = await this.guardAll(tx, [lane]);
    if (held === undefined) {
      const message = `The lane ${laneName(lane)} belongs to another submitter, which goes on with it.`;
      throw new Conflict('lease-lost', message);
    }
  }

  /** Keeps others from taking lanes before `tx` ends; returns the names of those that are this process's. */
  async guardAll(tx: StoreTransaction, lanes: LaneId[]): Promise<Set<string>> {
    const leases = [...new Set(lanes.map(laneName))].flatMap((name) => this.leases.get(name) ?? []);
    if (leases.length === 0) return new Set();
    const held = new Set((await stillLeased(tx, leases)).map(laneName));
    this.lose(leases.filter(({ lane }) => !held.has(laneName(lane))));
    return held;
  }

  /** Takes those of the lanes that nobody holds; returns them. */
  claim(lanes: LaneId[]): Promise<LaneId[]> {
    return this.turns.take(async () => {
      const { name } = this;
      const wanted = lanes.filter((lane) => !this.holds(lane) && !this.elsewhere.has(laneName(lane)));
      if (name === undefined || wanted.length === 0 || !this.canWork) return [];
      const taken = await this.take(name, wanted, wanted.length);
      for (const lane of wanted) if (!this.holds(lane)) this.elsewhere.add(laneName(lane));
      return taken;
    });
  }

  /** Renews the leases and takes this process's share of the lanes that nobody holds; lets go what is more. */
  lookAround(): Promise<void> {
    this.nextRound ??= this.turns
      .take(() => {
        this.nextRound = undefined;
        return this.round();
      })
      .catch((error: unknown) => {
        if (isPassing(error)) this.parts.logger.warn({ err: error }, 'leases are not renewed');
        else this.parts.onFatal(error instanceof Error ? error : new Error(String(error)));
      });
    return this.nextRound;
  }

  private get canWork(): boolean {
    return !this.stopped && this.parts.canWork();
  }

  private async round(): Promise<void> {
    if (!this.canWork) return;
    const name = await this.alive();
    const { lanes, replicas } = await this.survey(name);
    const foreign = lanes.filter(({ holder }) => holder !== null && holder !== name);
    this.elsewhere = new Set(foreign.map(laneName));
    this.lose(foreign.flatMap((lane) => this.leases.get(laneName(lane)) ?? []));
    const own = lanes.filter(({ holder }) => holder === name);
    const share = fairShare(lanes.length, replicas);
    const leaving = own.slice(0, excess(own.length, share));
    // Of commits whose answer was lost.
    const unknown = own.slice(leaving.length).filter((lane) => !this.holds(lane));
    const free = lanes.filter(({ holder }) => holder === null);
    await this.letGo(name, leaving);
    await this.take(name, unknown, unknown.length);
    await this.take(name, free, Math.max(0, share - own.length));
  }

  /** This life's name, which the database knows. */
  private async alive(): Promise<string> {
    const { store, logger } = this.parts;
    const { name } = this;
    if (name !== undefined) {
      if (await store.transaction((tx) => stayAlive(tx, name), { durable: false })) return name;
      logger.warn({ replica: name, lanes: this.leases.size }, 'others took this submitter for dead');
      this.lose([...this.leases.values()]);
      this.name = undefined;
    }
    const fresh = `${hostname()}-${randomBytes(6).toString('hex')}`;
    await store.transaction((tx) => joinReplicas(tx, fresh, store.owner));
    this.name = fresh;
    return fresh;
  }

  private survey(name: string): Promise<Survey> {
    const { store, chainId, logger } = this.parts;
    return store.transaction(
      async (tx) => {
        const dead = await buryDead(tx, name);
        if (dead.length > 0) logger.info({ dead }, 'submitters are gone');
        const [lanes, replicas] = await Promise.all([
          surveyLanes(tx, chainId, orphanPatienceMs),
          countReplicas(tx),
        ]);
        return { lanes, replicas };
      },
      { durable: false },
    );
  }

  private async take(name: string, lanes: LaneId[], limit: number): Promise<LaneId[]> {
    const { store, logger, onTaken } = this.parts;
    if (lanes.length === 0 || limit === 0) return [];
    const taken = await store.transaction((tx) => takeLanes(tx, name, lanes, limit));
    if (taken.length === 0) return [];
    for (const lease of taken) this.leases.set(laneName(lease.lane), lease);
    const found = taken.map(({ lane }) => lane);
    logger.info({ lanes: found.length, replica: name }, 'lanes taken');
    onTaken(found);
    return found;
  }

  private async letGo(name: string, lanes: LaneId[]): Promise<void> {
    const { store, logger } = this.parts;
    if (lanes.length === 0) return;
    this.lose(lanes.flatMap((lane) => this.leases.get(laneName(lane)) ?? []));
    // Or the next intent would bring them back before anybody has them.
    for (const lane of lanes) this.elsewhere.add(laneName(lane));
    await store.transaction(async (tx) => {
      await letGo(tx, name, lanes);
      await announce(tx, [{ kind: 'spare', from: store.owner }]);
    });
    logger.info({ lanes: lanes.length, replica: name }, 'lanes let go, so that others have their share');
  }

  private lose(leases: Lease[]): void {
    const lost = leases.filter((lease) => this.leases.get(laneName(lease.lane)) === lease);
    if (lost.length === 0) return;
    for (const { lane } of lost) this.leases.delete(laneName(lane));
    this.parts.onLost(lost.map(({ lane }) => lane));
  }
}

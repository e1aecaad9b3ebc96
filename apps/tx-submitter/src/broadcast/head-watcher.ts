/** Follows the head of the chain: notes inclusions, reorganisations and depth, and has lost transactions sent again. */
import { type EventStore } from '@quorate/event-store';
import { type Block, type Receipt } from '@quorate/evm';
import { isPassing, type Logger } from '@quorate/platform';

import { streamOf } from '../intent/events';
import { type LaneLeases } from '../lane/lane-leases';
import { type Chain } from '../ports/chain.port';
import { type Broadcaster } from './broadcaster';
import { CanonicalChain } from './canonical-chain';
import { type Flight, type InFlight } from './in-flight';
import { inFlightHashes, type KnownTransaction, readComing, readInFlight } from './in-flight-table';
import { inclusionBy, type Observation, type Observations } from './observations';
import { withRevertReasons } from './revert-replay';

const pollMs = 300;
/** How often transactions are looked for that another submitter committed without its word coming through, in milliseconds. */
const refreshMs = 5_000;
/** Receipts asked for at the same time when each must be looked up. */
const lookUps = 16;

export interface WatcherParts {
  store: EventStore;
  chain: Chain;
  chainId: string;
  inFlight: InFlight;
  leases: Pick<LaneLeases, 'holder' | 'holds'>;
  observations: Observations;
  broadcaster: Broadcaster;
  /** Told of each new head, after all that it means was written. */
  onHead: (head: Block) => void;
  /** Told how many blocks left the chain at once, after that was written. */
  onReorg: (depth: number) => void;
  logger: Logger;
  /** Whether the chain is being followed; `reason` when not. */
  onState: (following: boolean, reason?: string) => void;
  onFatal: (error: Error) => void;
  now: () => number;
}

export class HeadWatcher {
  private readonly canonical = new CanonicalChain();
  private timer: NodeJS.Timeout | undefined;
  private refreshedAt = 0;
  private isOutdated = true;
  /** To be looked up on the chain: taken over, or what a quorum does not agree on. */
  private readonly unchecked = new Set<Flight>();
  private stopped = false;

  constructor(private readonly parts: WatcherParts) {}

  /** The latest block that was taken in. */
  get head(): Block | undefined {
    return this.canonical.head;
  }

  start(): void {
    void this.poll();
  }

  /** Lanes were taken: what is under way on them is looked for at once. */
  lanesTaken(): void {
    this.isOutdated = true;
    if (this.timer === undefined || this.stopped) return;
    clearTimeout(this.timer);
    void this.poll();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async poll(): Promise<void> {
    this.timer = undefined;
    try {
      if (this.head === undefined) await this.parts.chain.check();
      await this.refresh();
      // Thousands may have to be looked up: what the chain may not have goes out first.
      this.parts.broadcaster.sendAgain();
      await this.lookUpNew();
      const head = await this.parts.chain.block('latest');
      if (head !== undefined) await this.follow(head);
      this.parts.broadcaster.sendAgain();
      this.parts.onState(true);
    } catch (error) {
      this.failed(error);
    }
    if (!this.stopped) this.timer = setTimeout(() => void this.poll(), pollMs);
  }

  /** The height up to which nothing changes any more; 0 while that cannot be told. */
  private async finalizedNumber(): Promise<number> {
    return (await this.parts.chain.finality())?.number ?? 0;
  }

  private failed(error: unknown): void {
    if (!isPassing(error)) {
      if (!this.stopped) this.parts.onFatal(error instanceof Error ? error : new Error(String(error)));
    } else if (error.kind === 'unavailable') {
      this.parts.logger.warn({ err: error }, 'the chain is not being followed');
      this.parts.onState(false, error.message);
    }
  }

  private async follow(head: Block): Promise<void> {
    const change = await this.canonical.compare(head, this.parts.chain);
    if (change.kind === 'same' || change.kind === 'unsettled') return;
    const finalizedNumber = await this.finalizedNumber();
    if (change.kind === 'lost') {
      await this.lookUp(this.parts.inFlight.all(), head, finalizedNumber);
      this.canonical.restart(head);
    } else {
      const dropped = new Set(change.dropped.map((block) => block.hash));
      const seen = await this.inclusions(change.added);
      const known = new Set(seen.map(({ flight }) => flight));
      // Their blocks may have passed before they were known here.
      const overtaken = this.parts.inFlight
        .all()
        .filter((flight) => flight.isNonceUsed && flight.inclusion === undefined && !known.has(flight));
      seen.push(...(await this.lookUpAll(overtaken, head)));
      for (const flight of this.parts.inFlight.all()) {
        const { inclusion } = flight;
        if (inclusion !== undefined && dropped.has(inclusion.block.hash))
          seen.unshift(reorg(flight, inclusion.block));
      }
      await this.write(seen, head, finalizedNumber);
      this.canonical.apply(change);
      if (change.dropped.length > 0) this.parts.onReorg(change.dropped.length);
    }
    this.parts.onHead(head);
  }

  /** What the blocks hold of ours. */
  private async inclusions(blocks: Block[]): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (const block of blocks) {
      const ours = block.transactions.filter((hash) => this.parts.inFlight.get(hash) !== undefined);
      if (ours.length === 0) continue;
      const receipts = await this.parts.chain.receiptsIn(block, ours);
      const byHash = new Map(receipts.map((receipt) => [receipt.transactionHash, receipt]));
      for (const hash of ours) {
        const [flight, receipt] = [this.parts.inFlight.get(hash), byHash.get(hash)];
        if (flight === undefined) continue;
        if (receipt === undefined) this.unchecked.add(flight);
        else seen.push(inclusion(flight, receipt));
      }
    }
    return seen;
  }

  /** Commits what was seen, then what that and the new head mean for the depth of all included transactions. */
  private async write(seen: Seen[], head: Block, finalizedNumber: number): Promise<void> {
    const { chain, inFlight, observations, now } = this.parts;
    const inclusions = new Map(inFlight.all().map((flight) => [flight, flight.inclusion]));
    for (const { flight, inclusion: where } of seen) inclusions.set(flight, where);
    const deep: Observation[] = [];
    const final = new Map<number, string | undefined>();
    for (const [flight, where] of inclusions) {
      if (where === undefined) continue;
      const { number, hash } = where.block;
      const isMoved = where.block.hash !== flight.inclusion?.block.hash;
      const isDeep = head.number - number + 1 >= flight.confirmations;
      const isFinal = number <= finalizedNumber;
      if (!isDeep || (flight.isConfirmed && !isMoved && !isFinal)) continue;
      if (isFinal && !final.has(number)) final.set(number, (await chain.agreedBlock(number))?.hash);
      if (isFinal && final.get(number) !== hash) {
        this.unchecked.add(flight);
        continue;
      }
      const command = {
        kind: 'note-head' as const,
        blockHash: hash,
        headNumber: head.number,
        finalizedNumber,
      };
      deep.push({ identity: flight.identity, lane: flight.lane, command, cause: head.hash });
    }
    const explained = await withRevertReasons(chain, seen);
    const observed = explained.map(({ flight, command, cause }) => ({
      ...{ identity: flight.identity, lane: flight.lane },
      command,
      cause,
    }));
    const states = await observations.apply([...observed, ...deep]);
    for (const [flight, where] of inclusions) {
      if (flight.inclusion !== undefined && where === undefined) flight.resendAt = now();
      flight.inclusion = where;
      for (const attempt of flight.attempts) if (attempt.hash === where?.hash) attempt.isNoted = true;
      const state = states.get(streamOf(flight.identity));
      if (state?.stage === 'ended') inFlight.remove(flight);
      else if (state?.stage === 'active') flight.isConfirmed = state.inclusion?.isConfirmed ?? false;
    }
  }

  /** Looks each transaction up by its hash, when blocks cannot tell. */
  private async lookUp(flights: Flight[], head: Block, finalizedNumber: number): Promise<void> {
    await this.write(await this.lookUpAll(flights, head), head, finalizedNumber);
    for (const flight of flights)
      if (flight.inclusion === undefined && !this.unchecked.has(flight)) flight.resendAt = this.parts.now();
  }

  private async lookUpAll(flights: Flight[], head: Block): Promise<Seen[]> {
    const seen: Seen[] = [];
    for (let i = 0; i < flights.length; i += lookUps) {
      const some = flights.slice(i, i + lookUps);
      const found = await Promise.all(some.map((flight) => this.lookUpOne(flight, head)));
      seen.push(...found.flat());
    }
    return seen;
  }

  private async lookUpOne(flight: Flight, head: Block): Promise<Seen[]> {
    let isUnknown = false;
    for (const { hash } of flight.attempts) {
      const receipt = await this.parts.chain.receipt(hash);
      // Above the head that is followed, no later head would tell that it left the chain.
      if (receipt === 'unknown' || (receipt !== 'absent' && receipt.blockNumber > head.number))
        isUnknown = true;
      else if (receipt !== 'absent') return [inclusion(flight, receipt)];
    }
    if (isUnknown) this.unchecked.add(flight);
    return isUnknown || flight.inclusion === undefined ? [] : [reorg(flight, flight.inclusion.block)];
  }

  /** Takes over transactions that are committed but not known here: of lanes that were taken, or signed elsewhere. */
  private async refresh(): Promise<void> {
    const startedAt = this.parts.now();
    if (!this.isOutdated && startedAt - this.refreshedAt < refreshMs) return;
    const { leases, inFlight } = this.parts;
    const { holder } = leases;
    if (holder === undefined) return;
    const isOutdated = this.isOutdated;
    this.isOutdated = false;
    const rows = await this.readUnknown(holder, isOutdated);
    for (const row of rows) {
      if (leases.holds(row.lane) && !inFlight.knows(row)) this.unchecked.add(this.takeOver(row));
    }
    this.refreshedAt = startedAt;
  }

  /** Blocks that were followed before may hold what was taken over; before the first block, all is looked up with it. */
  private async lookUpNew(): Promise<void> {
    const { head } = this;
    const { leases } = this.parts;
    const fresh = [...this.unchecked].filter(({ lane }) => leases.holds(lane));
    this.unchecked.clear();
    try {
      if (head !== undefined && fresh.length > 0)
        await this.lookUp(fresh, head, await this.finalizedNumber());
    } catch (error) {
      for (const flight of fresh) this.unchecked.add(flight);
      throw error;
    }
  }

  /** Transactions that are not known here; when lanes were taken, also which nonces of them will have some. */
  private readUnknown(holder: string, lanesTaken: boolean): Promise<KnownTransaction[]> {
    const { store, inFlight, broadcaster } = this.parts;
    return store.transaction(async (tx) => {
      const coming = lanesTaken ? await readComing(tx, holder) : [];
      for (const { lane, nonce } of coming) broadcaster.expect(lane, [nonce]);
      if (inFlight.size === 0) return readInFlight(tx, holder);
      const unknown = (await inFlightHashes(tx, holder)).filter((committed) => !inFlight.knows(committed));
      const hashes = unknown.map(({ hash }) => hash);
      return hashes.length === 0 ? [] : readInFlight(tx, holder, hashes);
    });
  }

  private takeOver({ isNoted, inclusion: where, isConfirmed, ...transaction }: KnownTransaction): Flight {
    const flight = this.parts.inFlight.add(transaction, isNoted);
    const resendAt = where === undefined ? this.parts.now() : undefined;
    return Object.assign(flight, { inclusion: where, isConfirmed, resendAt });
  }
}

interface Seen {
  flight: Flight;
  /** Where the chain holds it now. */
  inclusion: Flight['inclusion'];
  command: Observation['command'];
  cause: string;
}

function inclusion(flight: Flight, receipt: Receipt): Seen {
  const { transactionHash: hash, blockNumber: number, blockHash } = receipt;
  const where = { hash, block: { number, hash: blockHash } };
  return { flight, inclusion: where, command: inclusionBy(receipt), cause: blockHash };
}

function reorg(flight: Flight, block: { hash: string }): Seen {
  const command = { kind: 'note-reorg' as const, blockHash: block.hash };
  return { flight, inclusion: undefined, command, cause: block.hash };
}

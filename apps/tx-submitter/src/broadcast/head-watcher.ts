/** Follows the head of the chain: notes inclusions, reorganisations and depth, and has lost transactions sent again. */
import { type EventStore } from '@quorate/event-store';
import { type Block } from '@quorate/evm';
import { type Logger, QuorateError } from '@quorate/platform';

import { streamOf } from '../intent/events';
import { type Chain } from '../ports/chain.port';
import { type Broadcaster } from './broadcaster';
import { CanonicalChain } from './canonical-chain';
import { type InFlight, type InFlightTransaction } from './in-flight';
import { readInFlight } from './in-flight-table';
import { inclusionBy, type Observation, type Observations } from './observations';

const pollMs = 300;
/** How often transactions are looked for that another process committed, in milliseconds. */
const refreshMs = 5_000;
/** Receipts asked for at the same time when each must be looked up. */
const lookUps = 16;

export interface WatcherParts {
  store: EventStore;
  chain: Chain;
  chainId: string;
  inFlight: InFlight;
  observations: Observations;
  broadcaster: Broadcaster;
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
  private stopped = false;

  constructor(private readonly parts: WatcherParts) {}

  /** The latest block that was taken in. */
  get head(): Block | undefined {
    return this.canonical.head;
  }

  start(): void {
    void this.poll();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async poll(): Promise<void> {
    try {
      if (this.head === undefined) await this.parts.chain.check();
      await this.refresh();
      const head = await this.parts.chain.block('latest');
      if (head !== undefined) await this.follow(head);
      this.parts.broadcaster.sendAgain();
      this.parts.onState(true);
    } catch (error) {
      this.failed(error);
    }
    if (!this.stopped) this.timer = setTimeout(() => void this.poll(), pollMs);
  }

  private failed(error: unknown): void {
    if (error instanceof QuorateError && error.kind === 'conflict') return;
    if (error instanceof QuorateError && error.kind === 'unavailable') {
      this.parts.logger.warn({ err: error }, 'the chain is not being followed');
      this.parts.onState(false, error.message);
      return;
    }
    if (!this.stopped) this.parts.onFatal(error instanceof Error ? error : new Error(String(error)));
  }

  private async follow(head: Block): Promise<void> {
    const change = await this.canonical.compare(head, this.parts.chain);
    if (change.kind === 'lost') {
      await this.lookUp(this.parts.inFlight.all(), head);
      this.canonical.restart(head);
    } else if (change.kind === 'moved') {
      const dropped = new Set(change.dropped.map((block) => block.hash));
      const seen = await this.inclusions(change.added);
      if (seen === undefined) return;
      for (const entry of this.parts.inFlight.all()) {
        if (entry.block !== undefined && dropped.has(entry.block.hash))
          seen.unshift(reorg(entry, entry.block));
      }
      await this.write(seen, head);
      this.canonical.apply(change);
    }
  }

  /** What the blocks hold of ours; undefined when one left the chain meanwhile. */
  private async inclusions(blocks: Block[]): Promise<Seen[] | undefined> {
    const seen: Seen[] = [];
    for (const block of blocks) {
      const ours = block.transactions.filter((hash) => this.parts.inFlight.get(hash) !== undefined);
      if (ours.length === 0) continue;
      const receipts = await this.parts.chain.blockReceipts(block.hash);
      if (receipts === undefined) return undefined;
      for (const receipt of receipts) {
        const entry = this.parts.inFlight.get(receipt.transactionHash);
        if (entry === undefined) continue;
        const command = inclusionBy(receipt);
        seen.push({ entry, block: { number: block.number, hash: block.hash }, command, cause: block.hash });
      }
    }
    return seen;
  }

  /** Commits what was seen, then what that and the new head mean for the depth of all included transactions. */
  private async write(seen: Seen[], head: Block): Promise<void> {
    const blockOf = new Map(this.parts.inFlight.all().map((entry) => [entry, entry.block]));
    for (const { entry, block } of seen) blockOf.set(entry, block);
    const deep: Observation[] = [];
    for (const [entry, block] of blockOf) {
      if (block === undefined || head.number - block.number + 1 < entry.confirmations) continue;
      const command = { kind: 'note-depth' as const, blockHash: block.hash, headNumber: head.number };
      deep.push({ identity: entry.identity, command, cause: head.hash });
    }
    const observed = seen.map(({ entry, command, cause }) => ({ identity: entry.identity, command, cause }));
    const ended = await this.parts.observations.apply([...observed, ...deep]);
    for (const [entry, block] of blockOf) {
      if (entry.block !== undefined && block === undefined) entry.resendAt = this.parts.now();
      if (block !== undefined) entry.noted = true;
      entry.block = block;
      if (ended.has(streamOf(entry.identity))) this.parts.inFlight.remove(entry.hash);
    }
  }

  /** Looks each transaction up by its hash, when blocks cannot tell. */
  private async lookUp(entries: InFlightTransaction[], head: Block): Promise<void> {
    const seen: Seen[] = [];
    for (let i = 0; i < entries.length; i += lookUps) {
      const found = await Promise.all(entries.slice(i, i + lookUps).map((entry) => this.lookUpOne(entry)));
      seen.push(...found.flat());
    }
    await this.write(seen, head);
    for (const entry of entries) if (entry.block === undefined) entry.resendAt = this.parts.now();
  }

  private async lookUpOne(entry: InFlightTransaction): Promise<Seen[]> {
    const receipt = await this.parts.chain.receipt(entry.hash);
    const block = receipt && (await this.parts.chain.block(receipt.blockNumber));
    if (receipt === undefined || block?.hash !== receipt.blockHash) {
      return entry.block === undefined ? [] : [reorg(entry, entry.block)];
    }
    const included = { number: block.number, hash: block.hash };
    return [{ entry, block: included, command: inclusionBy(receipt), cause: block.hash }];
  }

  /** Takes over transactions that are committed but not known here: after a start, or from another process. */
  private async refresh(): Promise<void> {
    if (this.parts.now() - this.refreshedAt < refreshMs) return;
    const { store, chainId, inFlight } = this.parts;
    const rows = await store.transaction((tx) => readInFlight(tx, chainId, inFlight.hashes()));
    const fresh = rows
      .filter((row) => inFlight.get(row.hash) === undefined)
      .map((row) => inFlight.add(row, row));
    const { head } = this;
    if (head !== undefined && fresh.length > 0) await this.lookUp(fresh, head);
    this.refreshedAt = this.parts.now();
  }
}

interface Seen {
  entry: InFlightTransaction;
  /** The block that holds it now. */
  block: { number: number; hash: string } | undefined;
  command: Observation['command'];
  cause: string;
}

function reorg(entry: InFlightTransaction, block: { hash: string }): Seen {
  return {
    entry,
    block: undefined,
    command: { kind: 'note-reorg', blockHash: block.hash },
    cause: block.hash,
  };
}

import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { problems } from '@quorate/platform';
import { type Hash, proveConsistency, proveInclusion } from '@quorate/transparency-log';
import { type LogEntry } from '../log-entry/log-entry';
import { leafOf } from '../merkle-tree/leaf';
import { type AuditLog } from '../ports/audit-log.port';
import { type Checkpoints, type StoredCheckpoint } from '../ports/checkpoints.port';
import { type TreeNodes } from '../ports/tree-nodes.port';

/** Where an entry is: by its event id, or by its place. */
export interface EntryPlace {
  readonly eventId?: string | undefined;
  readonly log: number;
  readonly index?: number | undefined;
}

export interface InclusionProof {
  readonly log: number;
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly hashes: readonly Hash[];
  readonly checkpoint: StoredCheckpoint;
}

export interface ConsistencyProof {
  readonly from: number;
  readonly hashes: readonly Hash[];
  readonly checkpoint: StoredCheckpoint;
}

/** Proofs of the log, each against a checkpoint that was signed. */
export class Proofs {
  constructor(
    private readonly store: EventStore,
    private readonly log: AuditLog,
    private readonly nodes: TreeNodes,
    private readonly checkpoints: Checkpoints,
  ) {}

  /** @throws Problem `not-found` when there is none yet. */
  checkpoint(log: number): Promise<StoredCheckpoint> {
    return this.read((tx) => this.covering(tx, log, undefined));
  }

  /**
   * That an entry is in the log.
   *
   * @param size leaves that the tree has at least; that of the newest checkpoint when absent.
   * @throws Problem when there is no such entry or no such checkpoint yet.
   */
  async inclusion(place: EntryPlace, size?: number): Promise<InclusionProof> {
    const { eventId, log, index } = place;
    if ((eventId === undefined) === (index === undefined))
      throw problems.invalidParameter('Give either eventId, or log and index', 'eventId');
    return this.read(async (tx) => {
      const found = this.entry(tx, place);
      // Where the log is known, both are asked for at once.
      const covering = this.covering(tx, eventId === undefined ? log : (await found).log, size);
      const [entry, checkpoint] = await Promise.all([found, covering]);
      return this.prove(tx, entry, checkpoint);
    });
  }

  /** That the tree of the first `from` leaves is the beginning of a later one. @throws Problem as `inclusion` does. */
  consistency(log: number, from: number, to?: number): Promise<ConsistencyProof> {
    return this.read(async (tx) => {
      const checkpoint = await this.covering(tx, log, to);
      if (from > checkpoint.size) {
        throw problems.invalidParameter(
          `from ${from} is above the ${checkpoint.size} leaves of the newer tree: give a smaller one, or a later to`,
          'from',
        );
      }
      const hashes = await proveConsistency(this.nodes.reader(tx, log), from, checkpoint.size);
      return { from, hashes, checkpoint };
    });
  }

  private async prove(
    tx: StoreTransaction,
    entry: LogEntry,
    checkpoint: StoredCheckpoint,
  ): Promise<InclusionProof> {
    const { log } = entry;
    const index = Number(entry.index);
    if (checkpoint.size <= index) {
      throw problems.invalidParameter(
        `the tree of ${checkpoint.size} leaves does not hold entry ${index}: give a size above ${index}, or none`,
        'size',
      );
    }
    const hashes = await proveInclusion(this.nodes.reader(tx, log), index, checkpoint.size);
    return { log, index, leaf: leafOf(entry), hashes, checkpoint };
  }

  private async entry(tx: StoreTransaction, { eventId, log, index = 0 }: EntryPlace): Promise<LogEntry> {
    const entry = await (eventId === undefined
      ? this.log.at(tx, log, index)
      : this.log.withEventId(tx, eventId));
    if (entry !== undefined) return entry;
    throw problems.notFound(
      'There is no such entry: check the id or the index; an event that was written just now may take a moment to be logged',
    );
  }

  private async covering(
    tx: StoreTransaction,
    log: number,
    size: number | undefined,
  ): Promise<StoredCheckpoint> {
    const checkpoint =
      size === undefined
        ? await this.checkpoints.latest(tx, log)
        : await this.checkpoints.covering(tx, log, size);
    if (checkpoint !== undefined) return checkpoint;
    throw problems.notFound(
      size === undefined
        ? `There is no log ${log}, or it has no checkpoint yet: the first log is 0`
        : `Log ${log} has no checkpoint of ${size} leaves or more yet: ask for a smaller size, or later`,
    );
  }

  private read<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T> {
    return this.store.transaction(work, { durable: false });
  }
}

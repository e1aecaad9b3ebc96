import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { Fatal } from '@quorate/platform';
import { Frontier, leafHash } from '@quorate/transparency-log';
import { type LogIdentity } from '../checkpoint/log-identity';
import { type LogEntry } from '../log-entry/log-entry';
import { type AuditLog } from '../ports/audit-log.port';
import { type Checkpoints, type StoredCheckpoint } from '../ports/checkpoints.port';
import { type TreeNodes } from '../ports/tree-nodes.port';
import { leafOf } from './leaf';

/** Entries that are taken into the tree in one transaction when it lags behind the log. */
const CATCH_UP_PAGE = 1_000;

export interface TreeParts {
  readonly store: EventStore;
  readonly log: AuditLog;
  readonly nodes: TreeNodes;
  readonly checkpoints: Checkpoints;
  /** Signs the heads. Without one they are not signed: whoever takes over the log signs its head at the start. */
  readonly identity?: LogIdentity;
}

/** Grows the Merkle trees with their logs, and signs the new head with each batch. */
export class LogTrees {
  /** The edges of the trees as they are committed. */
  private readonly frontiers = new Map<number, Frontier>();
  /** The newest checkpoints that this process signed and committed, by log. */
  private readonly signed = new Map<number, StoredCheckpoint>();

  constructor(private readonly parts: TreeParts) {}

  /** Takes consecutive entries of one log into its tree, in the transaction that appends them. */
  async grow(tx: StoreTransaction, entries: readonly LogEntry[]): Promise<void> {
    const [first] = entries;
    if (first === undefined) return;
    const { log, index } = first;
    const hole = entries.findIndex((entry, i) => entry.index !== index + BigInt(i));
    if (hole >= 0)
      throw new Fatal('log-hole', `Log ${log} has no entry ${index + BigInt(hole)}: it was removed.`);
    const { nodes } = this.parts;
    const frontier = (await this.frontier(tx, log, Number(index))).clone();
    nodes.insert(
      tx,
      log,
      entries.flatMap((entry) => frontier.append(leafHash(leafOf(entry)))),
    );
    this.sign(tx, log, frontier);
    tx.afterCommit(() => this.frontiers.set(log, frontier));
  }

  /** The newest checkpoint of each log that was signed since the start. */
  heads(): StoredCheckpoint[] {
    return [...this.signed.values()];
  }

  /** Takes entries in that are in the log and not in its tree: those of a version without one. Signs an empty log, too. */
  async catchUp(log: number): Promise<void> {
    const { store, nodes } = this.parts;
    let size = await store.transaction((tx) => nodes.size(tx, log));
    for (;;) {
      const entries = await this.parts.log.range(log, size, size + CATCH_UP_PAGE);
      if (entries.length === 0) break;
      await store.transaction((tx) => this.grow(tx, entries));
      size += entries.length;
    }
    await store.transaction(async (tx) => this.sign(tx, log, await this.frontier(tx, log, size)));
  }

  private sign(tx: StoreTransaction, log: number, frontier: Frontier): void {
    const { checkpoints, identity } = this.parts;
    if (identity === undefined) return;
    const head = { size: frontier.size, root: frontier.root() };
    const checkpoint = { log, size: head.size, note: identity.sign(log, head) };
    checkpoints.insert(tx, checkpoint);
    tx.afterCommit(() => this.signed.set(log, checkpoint));
  }

  private async frontier(tx: StoreTransaction, log: number, size: number): Promise<Frontier> {
    const known = this.frontiers.get(log);
    return known?.size === size ? known : Frontier.load(this.parts.nodes.reader(tx, log), size);
  }
}

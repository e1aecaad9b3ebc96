import { type EventStore, type NewEvent, type StoreTransaction } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { streams, toHex } from '@quorate/protocol';
import { type NodeIdentity } from '../identity/node-identity';
import { type KeyRing } from './key-ring';
import { type DeadPair, type Pair, type PairStore, type PendingRekey } from './pair-store';

/** A pair that a failed check condemns, and what showed it. */
export interface Condemned extends Pair {
  readonly sessionId: Buffer;
}

/** What is left of a pair is never used again: this many re-keys a day, then the peer is to be replaced (section 9). */
export const REKEYS_PER_DAY = 3;

/** Which pairs of this node are dead, and their way back. */
export class Pairs {
  private readonly dead = new Map<string, DeadPair>();
  /** Confirmed re-keys that wait for their result or for the peer to use them. */
  private readonly awaited = new Set<string>();

  constructor(
    private readonly identity: NodeIdentity,
    private readonly store: EventStore,
    private readonly pairs: PairStore,
    private readonly keys: KeyRing,
    private readonly logger: Logger,
  ) {}

  /** Reads what the database knows; before the shares are handed to the protocol thread. */
  async load(): Promise<void> {
    for (const pair of await this.pairs.deadPairs()) this.dead.set(idOf(pair), pair);
  }

  /** Hands the re-keys that wait to the protocol thread. */
  async loadAwaited(take: (pair: Pair, encoded: Buffer) => void): Promise<void> {
    for (const { pair, encoded } of await this.pairs.pendingRekeys()) {
      this.awaited.add(idOf(pair));
      take(pair, encoded);
    }
  }

  /** Peers whose pair with this node is dead in the key's newest epoch, by index. */
  deadPeersOf(keyId: string): ReadonlySet<number> {
    const epoch = this.keys.get(keyId)?.epoch;
    const dead = [...this.dead.values()].filter((pair) => pair.keyId === keyId && pair.epoch === epoch);
    return new Set(dead.map(({ peer }) => peer));
  }

  /** The dead pairs of the newest epochs, as heartbeats tell of them. */
  deadPairs(): { keyId: string; epoch: number; peer: string; pairCounter: number }[] {
    return [...this.dead.values()].flatMap(({ keyId, epoch, peer, pairCounter }) => {
      const key = this.keys.get(keyId);
      if (key?.epoch !== epoch) return [];
      return [{ keyId, epoch, peer: key.members.get(peer) ?? String(peer), pairCounter }];
    });
  }

  /** Stores "pair dead", erases the pair's secrets and tells of it, in one commit. */
  async kill({ sessionId, ...pair }: Condemned): Promise<void> {
    const { nodeId } = this.identity;
    const peer = this.keys.at(pair.keyId, pair.epoch)?.members.get(pair.peer) ?? String(pair.peer);
    const pairCounter = await this.store.transaction(async (tx) => {
      const killed = await this.pairs.kill(tx, pair, sessionId);
      const data = { keyId: pair.keyId, epoch: pair.epoch, node: nodeId, peer, sessionId: toHex(sessionId) };
      if (killed.isNew) tx.appendNext(streams.nodeKey(nodeId, pair.keyId), [event('banned', data)]);
      return killed.pairCounter;
    });
    this.dead.set(idOf(pair), { ...pair, pairCounter });
  }

  /** @throws Refused `pair-counter` when the counter is used up */
  async saveRekey(rekey: PendingRekey): Promise<void> {
    await this.pairs.saveRekey(rekey);
    const id = idOf(rekey.pair);
    this.awaited.add(id);
    const dead = this.dead.get(id);
    if (dead !== undefined) this.dead.set(id, { ...dead, pairCounter: rekey.pairCounter });
  }

  isAnyAwaited(): boolean {
    return this.awaited.size > 0;
  }

  isAwaited(pair: Pair): boolean {
    return this.awaited.has(idOf(pair));
  }

  rekeysOfToday(pair: Pair): Promise<number> {
    return this.pairs.rekeysOfToday(pair);
  }

  /** Puts a confirmed re-key into use; `also` joins the commit. Returns the share with the new state. */
  async revive(pair: Pair, also: (tx: StoreTransaction) => void): Promise<Buffer | undefined> {
    const { nodeId } = this.identity;
    const { keyId, epoch } = pair;
    const peer = this.keys.at(keyId, epoch)?.members.get(pair.peer) ?? String(pair.peer);
    const encoded = await this.store.transaction(async (tx) => {
      const revived = await this.pairs.revive(tx, pair);
      const data = { keyId, epoch, node: nodeId, peer };
      if (revived?.isNew) tx.appendNext(streams.nodeKey(nodeId, keyId), [event('unbanned', data)]);
      also(tx);
      return revived?.encoded;
    });
    this.dead.delete(idOf(pair));
    this.awaited.delete(idOf(pair));
    this.logger.info({ ...pair }, 'pair re-keyed');
    return encoded;
  }
}

function event(what: 'banned' | 'unbanned', data: { readonly keyId: string }): NewEvent {
  return { type: `quorate.node.${what}.v1`, data, correlationId: data.keyId, causationId: data.keyId };
}

function idOf({ keyId, epoch, peer }: Pair): string {
  return `${keyId}/${epoch}/${peer}`;
}

import { type StoreTransaction } from '@quorate/event-store';
import { Fatal, Refused } from '@quorate/platform';
import {
  encodeKeyShare,
  type KeyShare,
  type PairState,
  wipeKeyShare,
  wipePairState,
  withPair,
} from '@quorate/threshold';
import { keyIdText } from './key-epoch';
import { type KeyShareStore } from './key-share-store';
import { type AnyKeyShare, decodeShare, isEcdsaShare } from './share-codec';

/** One pair of a key in one epoch: (key, epoch, index of the peer). */
export interface Pair {
  readonly keyId: string;
  readonly epoch: number;
  readonly peer: number;
}

/** A pair that must not run the OT checks again before it is re-keyed. */
export interface DeadPair extends Pair {
  /** pe of the state that died, or the highest that a re-key of it was confirmed with. */
  readonly pairCounter: number;
}

/** A re-key that this node is about to confirm. */
export interface PendingRekey {
  readonly sessionId: Buffer;
  readonly pair: Pair;
  readonly pairCounter: number;
  /** The share with the new state of the pair, encoded. */
  readonly encoded: Buffer;
  readonly commandHash: Buffer;
}

interface RekeyRow {
  key_id: string;
  epoch: number;
  peer: number;
  pair_counter: number;
  sealed: Buffer;
  command_hash: Buffer;
}

/** The dead and the re-keyed pairs of this node's shares, in its own database. */
export class PairStore {
  constructor(private readonly shares: KeyShareStore) {}

  async deadPairs(): Promise<DeadPair[]> {
    const dead = await this.shares.store.transaction((tx) =>
      tx.query<{ key_id: string; epoch: number; peer: number; rekeyed: number | null }>(
        `SELECT key_id, epoch, peer, (SELECT max(pair_counter) FROM pair_rekey r
           WHERE r.key_id = d.key_id AND r.epoch = d.epoch AND r.peer = d.peer) AS rekeyed
         FROM dead_pair d`,
      ),
    );
    const counters = await this.counters();
    return dead.map(({ key_id, epoch, peer, rekeyed }) => ({
      ...{ keyId: key_id, epoch, peer },
      pairCounter: Math.max(rekeyed ?? 0, counters.get(`${key_id}/${epoch}/${peer}`) ?? 0),
    }));
  }

  /**
   * Stores "pair dead" and erases the pair's OT seeds and zero seed from the sealed share (threshold-ecdsa.md 9). Of its
   * state only the counter is left, which a re-key must raise.
   */
  async kill(
    tx: StoreTransaction,
    pair: Pair,
    sessionId: Buffer,
  ): Promise<{ readonly isNew: boolean; readonly pairCounter: number }> {
    const killed = await tx.query(
      `INSERT INTO dead_pair (key_id, epoch, peer, session_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING RETURNING peer`,
      [pair.keyId, pair.epoch, pair.peer, sessionId],
    );
    const share = await this.shares.lock(tx, pair.keyId, pair.epoch);
    const state = share && stateOf(share, pair.peer);
    const isNew = killed.length > 0;
    if (share === undefined || state === undefined) return { isNew, pairCounter: 0 };
    wipePairState(state);
    await this.shares.replace(tx, pair.keyId, share);
    wipeKeyShare(share);
    return { isNew, pairCounter: state.pairCounter };
  }

  /**
   * Stores the new state of a pair beside the old one, before this node confirms it. A counter is used for one session: a
   * failed one may have left a pending state at the peer. The same session may store it again.
   *
   * @throws Refused `pair-counter` when the counter is used up
   */
  async saveRekey({ sessionId, pair, pairCounter, encoded, commandHash }: PendingRekey): Promise<void> {
    const { keyId, epoch, peer } = pair;
    const sealed = this.shares.sealed(keyId, epoch, Buffer.from(encoded));
    await this.shares.store.transaction(async (tx) => {
      const rows = await tx.query<{ session_id: Buffer; pair_counter: number }>(
        'SELECT session_id, pair_counter FROM pair_rekey WHERE key_id = $1 AND epoch = $2 AND peer = $3',
        [keyId, epoch, peer],
      );
      if (rows.some(({ session_id }) => session_id.equals(sessionId))) return;
      if (rows.some(({ pair_counter }) => pair_counter >= pairCounter)) {
        throw new Refused('pair-counter', `pair counter ${pairCounter} is used up`);
      }
      // The state that this one replaces was confirmed, and is not in use: nobody waits for it any more.
      await tx.query('UPDATE pair_rekey SET sealed = NULL WHERE key_id = $1 AND epoch = $2 AND peer = $3', [
        keyId,
        epoch,
        peer,
      ]);
      await tx.query(
        `INSERT INTO pair_rekey (key_id, epoch, peer, pair_counter, session_id, command_hash, sealed)
         VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [keyId, epoch, peer, pairCounter, sessionId, commandHash, sealed],
      );
    });
  }

  /** The confirmed re-keys that are not in use yet, unsealed; the caller wipes them. */
  async pendingRekeys(): Promise<{ pair: Pair; encoded: Buffer }[]> {
    const rows = await this.shares.store.transaction((tx) =>
      tx.query<RekeyRow>('SELECT * FROM pair_rekey WHERE sealed IS NOT NULL'),
    );
    return rows.map(({ key_id, epoch, peer, sealed }) => ({
      pair: { keyId: key_id, epoch, peer },
      encoded: this.shares.opened(key_id, epoch, sealed),
    }));
  }

  /** How often the pair was re-keyed, or was about to be, within the last day. */
  async rekeysOfToday({ keyId, epoch, peer }: Pair): Promise<number> {
    const [row] = await this.shares.store.transaction((tx) =>
      tx.query<{ count: number }>(
        `SELECT count(*)::int AS count FROM pair_rekey
         WHERE key_id = $1 AND epoch = $2 AND peer = $3 AND confirmed_at > now() - interval '1 day'`,
        [keyId, epoch, peer],
      ),
    );
    return row?.count ?? 0;
  }

  /**
   * Puts the confirmed re-key of a pair into use and forgets that the pair was dead; once only. Returns the share as it is
   * then, for the protocol thread; undefined when there is no share of the epoch.
   */
  async revive(
    tx: StoreTransaction,
    pair: Pair,
  ): Promise<{ readonly isNew: boolean; readonly encoded: Buffer } | undefined> {
    const { keyId, epoch, peer } = pair;
    const share = await this.shares.lock(tx, keyId, epoch);
    if (share === undefined || !isEcdsaShare(share)) return undefined;
    const [row] = await tx.query<RekeyRow>(
      `SELECT * FROM pair_rekey WHERE key_id = $1 AND epoch = $2 AND peer = $3 AND sealed IS NOT NULL`,
      [keyId, epoch, peer],
    );
    const revived = row === undefined ? share : this.withRekeyed(share, row);
    const encoded = encodeKeyShare(revived);
    if (row !== undefined) {
      await this.shares.replace(tx, keyId, revived);
      await this.settle(tx, pair, row.command_hash);
    }
    for (const secret of [share, revived]) wipeKeyShare(secret);
    return { isNew: row !== undefined, encoded };
  }

  private withRekeyed(share: KeyShare, { key_id, epoch, peer, sealed }: RekeyRow): KeyShare {
    const encoded = this.shares.opened(key_id, epoch, sealed);
    const rekeyed = decodeShare(encoded);
    encoded.fill(0);
    const state = stateOf(rekeyed, peer);
    if (state === undefined) throw new Fatal('pair-rekey', `the re-key of a pair of ${key_id} has no pair`);
    return withPair(share, peer, state);
  }

  private async settle(
    tx: StoreTransaction,
    { keyId, epoch, peer }: Pair,
    commandHash: Buffer,
  ): Promise<void> {
    const pair = [keyId, epoch, peer];
    await tx.query(
      'UPDATE pair_rekey SET sealed = NULL WHERE key_id = $1 AND epoch = $2 AND peer = $3',
      pair,
    );
    await tx.query('DELETE FROM dead_pair WHERE key_id = $1 AND epoch = $2 AND peer = $3', pair);
    await tx.query('INSERT INTO used_command (command_hash, key_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      commandHash,
      keyId,
    ]);
  }

  private async counters(): Promise<Map<string, number>> {
    const counters = new Map<string, number>();
    for (const share of await this.shares.load()) {
      if (isEcdsaShare(share)) {
        for (const [peer, { pairCounter }] of share.pairs) {
          counters.set(`${keyIdText(share.keyId)}/${share.epoch}/${peer}`, pairCounter);
        }
      }
      wipeKeyShare(share);
    }
    return counters;
  }
}

function stateOf(share: AnyKeyShare, peer: number): PairState | undefined {
  return isEcdsaShare(share) ? share.pairs.get(peer) : undefined;
}

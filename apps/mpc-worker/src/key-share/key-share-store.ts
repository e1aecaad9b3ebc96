import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { encodeKeyShare, wipeKeyShare, wipePairState } from '@quorate/threshold';
import { type ShareSeal } from './seal';
import { type AnyKeyShare, decodeShare, isEcdsaShare } from './share-codec';

interface ShareRow {
  key_id: string;
  epoch: number;
  sealed: Buffer;
}

interface PendingRow extends ShareRow {
  session_id: Buffer;
  command_hash: Buffer | null;
}

/** A pair that must never run the OT checks again: (key, epoch, index of the peer). */
export interface DeadPair {
  readonly keyId: string;
  readonly epoch: number;
  readonly peer: number;
}

/** A share before every party confirmed it. */
export interface PendingShare {
  readonly sessionId: Buffer;
  readonly keyId: string;
  readonly epoch: number;
  readonly encoded: Buffer;
  readonly commandHash: Buffer;
}

/** The sealed shares, pending and active, and the dead pairs, in this node's own database. */
export class KeyShareStore {
  constructor(
    private readonly store: EventStore,
    private readonly seal: ShareSeal,
    private readonly nodeId: string,
  ) {}

  /** Every active share, unsealed; the caller wipes them. */
  async load(): Promise<AnyKeyShare[]> {
    const rows = await this.store.transaction((tx) =>
      tx.query<ShareRow>('SELECT key_id, epoch, sealed FROM key_share ORDER BY key_id, epoch'),
    );
    return rows.map((row) => this.unseal(row));
  }

  async deadPairs(): Promise<DeadPair[]> {
    const rows = await this.store.transaction((tx) =>
      tx.query<{ key_id: string; epoch: number; peer: number }>('SELECT key_id, epoch, peer FROM dead_pair'),
    );
    return rows.map((row) => ({ keyId: row.key_id, epoch: row.epoch, peer: row.peer }));
  }

  async savePending(pending: PendingShare): Promise<void> {
    const sealed = this.seal.seal(pending.encoded, this.context(pending.keyId, pending.epoch));
    await this.store.transaction((tx) =>
      tx.query(
        `INSERT INTO pending_share (session_id, key_id, epoch, sealed, command_hash) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (session_id) DO NOTHING`,
        [pending.sessionId, pending.keyId, pending.epoch, sealed, pending.commandHash],
      ),
    );
  }

  /** The pending share of a key that others show a certificate for, unsealed; undefined when there is none. */
  async findPending(
    keyId: string,
    epoch: number,
  ): Promise<{ encoded: Buffer; commandHash: Buffer } | undefined> {
    const [row] = await this.store.transaction((tx) =>
      tx.query<PendingRow>(
        'SELECT key_id, epoch, sealed, session_id, command_hash FROM pending_share WHERE key_id = $1 AND epoch = $2',
        [keyId, epoch],
      ),
    );
    if (row === undefined) return undefined;
    const encoded = this.seal.open(row.sealed, this.context(keyId, epoch));
    return { encoded, commandHash: row.command_hash ?? Buffer.alloc(32) };
  }

  /** Makes the share the active one of its epoch, and its operator command used, in the caller's transaction. */
  async activate(
    tx: StoreTransaction,
    keyId: string,
    share: AnyKeyShare,
    commandHash: Buffer,
  ): Promise<void> {
    const sealed = this.seal.seal(encodeKeyShare(share), this.context(keyId, share.epoch));
    await tx.query(
      `INSERT INTO key_share (key_id, epoch, sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [keyId, share.epoch, sealed],
    );
    await tx.query('DELETE FROM pending_share WHERE key_id = $1 AND epoch = $2', [keyId, share.epoch]);
    await tx.query('INSERT INTO used_command (command_hash, key_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      commandHash,
      keyId,
    ]);
  }

  async isCommandUsed(commandHash: Buffer): Promise<boolean> {
    const rows = await this.store.transaction((tx) =>
      tx.query('SELECT 1 FROM used_command WHERE command_hash = $1', [commandHash]),
    );
    return rows.length > 0;
  }

  /**
   * Stores "pair dead" and erases the pair's OT seeds and zero seed from the sealed share, in one commit
   * (threshold-ecdsa.md 9). Of the pair's state only the counter is left, which a re-key must raise.
   */
  async killPair(pair: DeadPair, sessionId: Buffer): Promise<void> {
    await this.store.transaction(async (tx) => {
      await tx.query(
        `INSERT INTO dead_pair (key_id, epoch, peer, session_id) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING`,
        [pair.keyId, pair.epoch, pair.peer, sessionId],
      );
      const [row] = await tx.query<ShareRow>(
        'SELECT key_id, epoch, sealed FROM key_share WHERE key_id = $1 AND epoch = $2 FOR UPDATE',
        [pair.keyId, pair.epoch],
      );
      if (row === undefined) return;
      const share = this.unseal(row);
      const dead = isEcdsaShare(share) ? share.pairs.get(pair.peer) : undefined;
      if (dead !== undefined) wipePairState(dead);
      const encoded = encodeKeyShare(share);
      wipeKeyShare(share);
      await tx.query('UPDATE key_share SET sealed = $3 WHERE key_id = $1 AND epoch = $2', [
        pair.keyId,
        pair.epoch,
        this.seal.seal(encoded, this.context(pair.keyId, pair.epoch)),
      ]);
      encoded.fill(0);
    });
  }

  private unseal(row: ShareRow): AnyKeyShare {
    const encoded = this.seal.open(row.sealed, this.context(row.key_id, row.epoch));
    const share = decodeShare(encoded);
    encoded.fill(0);
    return share;
  }

  private context(keyId: string, epoch: number): string {
    return `quorate/share/1:${this.nodeId}:${keyId}:${epoch}`;
  }
}

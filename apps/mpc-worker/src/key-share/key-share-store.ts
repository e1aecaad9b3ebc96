import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { Refused } from '@quorate/platform';
import { encodeKeyShare } from '@quorate/threshold';
import { type ShareSeal } from './seal';
import { type AnyKeyShare, decodeShare } from './share-codec';

/** How long the share of a former epoch stays when the health of the new one is never confirmed. */
const FORMER_EPOCH_HOURS = 24;

/**
 * What a coordinator may have this node confirm, and then let fail: each uses up a number and leaves a sealed share, which
 * must stay while the certificate of its epoch may still be shown.
 */
const REFRESHES_PER_TEN_MINUTES = 10;
const UNFINISHED_REFRESHES = 256;
const RESHARES_PER_COMMAND = 10;

interface ShareRow {
  key_id: string;
  epoch: number;
  sealed: Buffer;
}

/** A share, or what a dealer that leaves has instead, before every party confirmed it: in the form of its protocol. */
export interface PendingShare {
  readonly sessionId: Buffer;
  readonly keyId: string;
  readonly epoch: number;
  readonly encoded: Buffer;
  /** Absent for a refresh, which needs no command. */
  readonly commandHash: Buffer | undefined;
}

/** A pending share that others show a certificate for. */
export interface FoundShare {
  readonly encoded: Buffer;
  readonly commandHash: Buffer | undefined;
}

/** The sealed shares, pending and active, in this node's own database. */
export class KeyShareStore {
  constructor(
    readonly store: EventStore,
    private readonly seal: ShareSeal,
    private readonly nodeId: string,
  ) {}

  /** Every share, of former epochs too, unsealed, in order of epochs; the caller wipes them. */
  async load(): Promise<AnyKeyShare[]> {
    const rows = await this.store.transaction((tx) =>
      tx.query<ShareRow>('SELECT key_id, epoch, sealed FROM key_share ORDER BY key_id, epoch'),
    );
    return rows.map((row) => this.unseal(row));
  }

  /** One share for a change of it, its row locked; the caller wipes it. */
  async lock(tx: StoreTransaction, keyId: string, epoch: number): Promise<AnyKeyShare | undefined> {
    const [row] = await tx.query<ShareRow>(
      'SELECT key_id, epoch, sealed FROM key_share WHERE key_id = $1 AND epoch = $2 FOR UPDATE',
      [keyId, epoch],
    );
    return row && this.unseal(row);
  }

  async replace(tx: StoreTransaction, keyId: string, share: AnyKeyShare): Promise<void> {
    await tx.query('UPDATE key_share SET sealed = $3 WHERE key_id = $1 AND epoch = $2', [
      keyId,
      share.epoch,
      this.sealed(keyId, share.epoch, encodeKeyShare(share)),
    ]);
  }

  /**
   * Stores what this node is about to confirm: once per key and epoch number, and only for numbers above all that it ever
   * confirmed, whatever became of them (threshold-ecdsa.md 13). The same session may store it again. A command makes one key.
   *
   * @throws Refused `epoch` when the number is used up or the key is retired; `pace` when too many refreshes were begun;
   * `operator` when the command was carried out or tried before
   */
  async savePending(pending: PendingShare): Promise<void> {
    const { sessionId, keyId, epoch, encoded, commandHash } = pending;
    const sealed = this.sealed(keyId, epoch, Buffer.from(encoded));
    await this.store.transaction(async (tx) => {
      const same = await tx.query('SELECT 1 FROM pending_share WHERE session_id = $1', [sessionId]);
      if (same.length > 0) return;
      const confirmed = await tx.query(
        `INSERT INTO key_life (key_id, last_epoch) VALUES ($1, $2)
         ON CONFLICT (key_id) DO UPDATE SET last_epoch = $2
         WHERE key_life.last_epoch < $2 AND key_life.retire_command IS NULL
         RETURNING key_id`,
        [keyId, epoch],
      );
      if (confirmed.length === 0) {
        throw new Refused('epoch', `epoch ${epoch} of ${keyId} is used up, or the key is retired`);
      }
      if (commandHash === undefined) await checkPace(tx, keyId);
      else await checkTries(tx, commandHash, epoch === 0 ? 1 : RESHARES_PER_COMMAND);
      await tx.query(
        `INSERT INTO pending_share (session_id, key_id, epoch, sealed, command_hash) VALUES ($1, $2, $3, $4, $5)`,
        [sessionId, keyId, epoch, sealed, commandHash ?? null],
      );
    });
  }

  /** The pending share of an epoch that others show a certificate for, unsealed. */
  async findPending(keyId: string, epoch: number): Promise<FoundShare | undefined> {
    const [row] = await this.store.transaction((tx) =>
      tx.query<{ sealed: Buffer; command_hash: Buffer | null }>(
        'SELECT sealed, command_hash FROM pending_share WHERE key_id = $1 AND epoch = $2',
        [keyId, epoch],
      ),
    );
    if (row === undefined) return undefined;
    const encoded = this.seal.open(row.sealed, this.context(keyId, epoch));
    return { encoded, commandHash: row.command_hash ?? undefined };
  }

  /** Makes the share that of the key's newest epoch, in the caller's transaction; those of former epochs are to be erased. */
  async activate(
    tx: StoreTransaction,
    keyId: string,
    share: AnyKeyShare,
    commandHash: Buffer | undefined,
  ): Promise<void> {
    const sealed = this.sealed(keyId, share.epoch, encodeKeyShare(share));
    await tx.query(
      `INSERT INTO key_share (key_id, epoch, sealed) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [keyId, share.epoch, sealed],
    );
    await this.settle(tx, keyId, share.epoch, commandHash);
  }

  /**
   * What every adoption does, with a share or without: pending shares of this epoch and of those before have become
   * something or nothing, shares of epochs before are erased at a time, the operators' command is used.
   */
  async settle(
    tx: StoreTransaction,
    keyId: string,
    epoch: number,
    commandHash: Buffer | undefined,
  ): Promise<void> {
    await tx.query('DELETE FROM pending_share WHERE key_id = $1 AND epoch <= $2', [keyId, epoch]);
    await tx.query(
      `UPDATE key_share SET erase_at = now() + $3 * interval '1 hour'
       WHERE key_id = $1 AND epoch < $2 AND erase_at IS NULL`,
      [keyId, epoch, FORMER_EPOCH_HOURS],
    );
    if (commandHash === undefined) return;
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

  /** Erases the shares of all epochs before this one within so many seconds, or at the time that was set if it is sooner. */
  async eraseBefore(tx: StoreTransaction, keyId: string, epoch: number, seconds: number): Promise<void> {
    await tx.query(
      `UPDATE key_share SET erase_at = least(erase_at, now() + $3 * interval '1 second')
       WHERE key_id = $1 AND epoch < $2`,
      [keyId, epoch, seconds],
    );
  }

  /** Deletes the shares whose time has come, with all that is known of their pairs; returns which. */
  async eraseDue(): Promise<{ keyId: string; epoch: number }[]> {
    return this.store.transaction(async (tx) => {
      const erased = await tx.query<{ key_id: string; epoch: number }>(
        'DELETE FROM key_share WHERE erase_at <= now() RETURNING key_id, epoch',
      );
      for (const { key_id, epoch } of erased) {
        for (const table of ['dead_pair', 'pair_rekey', 'health_check']) {
          await tx.query(`DELETE FROM ${table} WHERE key_id = $1 AND epoch = $2`, [key_id, epoch]);
        }
      }
      return erased.map(({ key_id, epoch }) => ({ keyId: key_id, epoch }));
    });
  }

  /** Seals an encoded share of any form and wipes it. */
  sealed(keyId: string, epoch: number, encoded: Buffer): Buffer {
    const sealed = this.seal.seal(encoded, this.context(keyId, epoch));
    encoded.fill(0);
    return sealed;
  }

  /** Opens what {@link sealed} sealed; the caller wipes it. */
  opened(keyId: string, epoch: number, sealed: Buffer): Buffer {
    return this.seal.open(sealed, this.context(keyId, epoch));
  }

  private unseal(row: ShareRow): AnyKeyShare {
    const encoded = this.opened(row.key_id, row.epoch, row.sealed);
    const share = decodeShare(encoded);
    encoded.fill(0);
    return share;
  }

  private context(keyId: string, epoch: number): string {
    return `quorate/share/1:${this.nodeId}:${keyId}:${epoch}`;
  }
}

/** The row of the key's life is locked: nobody else counts now. */
async function checkPace(tx: StoreTransaction, keyId: string): Promise<void> {
  const [begun] = await tx.query<{ lately: number; all: number }>(
    `SELECT count(*) FILTER (WHERE created_at > now() - interval '10 minutes')::int AS lately, count(*)::int AS all
     FROM pending_share WHERE key_id = $1 AND command_hash IS NULL`,
    [keyId],
  );
  if ((begun?.lately ?? 0) >= REFRESHES_PER_TEN_MINUTES) {
    throw new Refused('pace', `${REFRESHES_PER_TEN_MINUTES} refreshes of ${keyId} failed within ten minutes`);
  }
  if ((begun?.all ?? 0) >= UNFINISHED_REFRESHES) {
    throw new Refused('pace', `${UNFINISHED_REFRESHES} refreshes of ${keyId} never ended: reshare it`);
  }
}

async function checkTries(tx: StoreTransaction, commandHash: Buffer, limit: number): Promise<void> {
  // A command may have several sessions at once, of keys whose ids are not known before.
  await tx.query('SELECT pg_advisory_xact_lock($1)', [commandHash.readBigInt64BE(0).toString()]);
  const [tries] = await tx.query<{ begun: number; used: boolean }>(
    `SELECT (SELECT count(*)::int FROM pending_share WHERE command_hash = $1) AS begun,
       EXISTS (SELECT FROM used_command WHERE command_hash = $1) AS used`,
    [commandHash],
  );
  if (tries?.used === true || (tries?.begun ?? 0) >= limit) {
    throw new Refused('operator', 'this command was carried out, or tried, before: sign a new one');
  }
}

import { type StoreTransaction } from '@quorate/event-store';
import { Refused } from '@quorate/platform';
import { type Certificate, decodeCertificate, encodeCertificate } from '@quorate/threshold';

interface LifeRow {
  key_id: string;
  last_epoch: number;
  left_certificate: Buffer | null;
  retired_certificate: Buffer | null;
}

/** What a node remembers of a key beside its share. */
export interface KeyLife {
  readonly keyId: string;
  /** The highest epoch number that this node ever confirmed. */
  readonly lastEpoch: number;
  /** The epoch in which this node has no share any more. */
  readonly left: Certificate | undefined;
  /** The last epoch of a key that was retired. */
  readonly retired: Certificate | undefined;
}

export async function loadKeyLives(tx: StoreTransaction): Promise<KeyLife[]> {
  const rows = await tx.query<LifeRow>(
    'SELECT key_id, last_epoch, left_certificate, retired_certificate FROM key_life',
  );
  return rows.map(({ key_id, last_epoch, left_certificate, retired_certificate }) => ({
    keyId: key_id,
    lastEpoch: last_epoch,
    left: left_certificate === null ? undefined : decodeCertificate(left_certificate),
    retired: retired_certificate === null ? undefined : decodeCertificate(retired_certificate),
  }));
}

/** Whether a coordinator alone had the key refreshed within the last seconds. */
export async function wasRefreshedWithin(
  tx: StoreTransaction,
  keyId: string,
  seconds: number,
): Promise<boolean> {
  const rows = await tx.query(
    `SELECT 1 FROM key_life WHERE key_id = $1 AND refreshed_at > now() - $2 * interval '1 second'`,
    [keyId, seconds],
  );
  return rows.length > 0;
}

/**
 * Records the adoption of an epoch, in which this node has a share again if it had none.
 * @throws Refused `epoch` when the key is retired
 */
export async function saveAdoption(
  tx: StoreTransaction,
  keyId: string,
  epoch: number,
  isRefresh: boolean,
): Promise<void> {
  const rows = await tx.query(
    `INSERT INTO key_life (key_id, last_epoch, refreshed_at) VALUES ($1, $2, CASE WHEN $3 THEN now() END)
     ON CONFLICT (key_id) DO UPDATE SET last_epoch = greatest(key_life.last_epoch, $2), left_certificate = NULL,
       refreshed_at = CASE WHEN $3 THEN now() ELSE key_life.refreshed_at END
     WHERE key_life.retire_command IS NULL
     RETURNING key_id`,
    [keyId, epoch, isRefresh],
  );
  if (rows.length === 0) throw new Refused('epoch', `key ${keyId} is retired`);
}

export async function saveLeft(tx: StoreTransaction, keyId: string, certificate: Certificate): Promise<void> {
  await tx.query(
    `INSERT INTO key_life (key_id, last_epoch, left_certificate) VALUES ($1, $2, $3)
     ON CONFLICT (key_id) DO UPDATE SET last_epoch = greatest(key_life.last_epoch, $2), left_certificate = $3`,
    [keyId, certificate.epoch, encodeCertificate(certificate)],
  );
}

/** Records that the key is retired, for ever; returns false when it was before. */
export async function saveRetired(
  tx: StoreTransaction,
  keyId: string,
  certificate: Certificate,
  signed: { readonly command: Buffer; readonly signatures: readonly string[] },
): Promise<boolean> {
  const rows = await tx.query(
    `INSERT INTO key_life (key_id, last_epoch, retired_certificate, retire_command, retire_signatures)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (key_id) DO UPDATE SET retired_certificate = $3, retire_command = $4, retire_signatures = $5
     WHERE key_life.retire_command IS NULL
     RETURNING key_id`,
    [keyId, certificate.epoch, encodeCertificate(certificate), signed.command, [...signed.signatures]],
  );
  await tx.query('DELETE FROM pending_share WHERE key_id = $1', [keyId]);
  return rows.length > 0;
}

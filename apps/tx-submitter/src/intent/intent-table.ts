/** The row of an intent: its state as queries and workers look it up, kept by the events. */
import { type StoreTransaction } from '@quorate/event-store';
import { type IntentStatus } from '@quorate/protocol';

import { markAttempt } from '../lane/attempt-table';
import { streamOf, type IntentEvent, type IntentIdentity } from './events';

interface IntentRowPatch {
  status?: IntentStatus;
  address?: string;
  nonce?: string | null;
  hash?: string;
  block_number?: string | null;
  block_hash?: string | null;
}

/** Writes what events mean to the row of their intent. */
export async function projectIntent(
  tx: StoreTransaction,
  identity: IntentIdentity,
  events: IntentEvent[],
): Promise<void> {
  const streamId = streamOf(identity);
  const [first] = events;
  if (first?.type === 'quorate.tx.requested.v1') {
    const { intentHash, value, jws, approvals = [], chainId, confirmations } = first.data;
    await tx.query(
      `INSERT INTO intent (stream_id, requester, intent_id, intent_hash, value, jws, approvals, status, chain_id, confirmations)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $9)`,
      [
        streamId,
        identity.requester,
        identity.intentId,
        intentHash,
        Buffer.from(value, 'base64'),
        jws,
        approvals,
        chainId,
        confirmations,
      ],
    );
  }
  for (const event of events) {
    if (event.type !== 'quorate.tx.rejected.v1') continue;
    // Other bytes under the same identity are refused without touching the intent.
    const ownBytes = [streamId, event.data.intentHash];
    await tx.query(
      `UPDATE intent SET status = 'rejected' WHERE stream_id = $1 AND intent_hash = $2`,
      ownBytes,
    );
  }
  const patch = events.reduce<IntentRowPatch>((before, event) => ({ ...before, ...patchOf(event) }), {});
  const columns = Object.entries(patch);
  if (columns.length === 0) return;
  const assignments = columns.map(([column], i) => `${column} = $${i + 2}`).join(', ');
  await tx.query(`UPDATE intent SET ${assignments} WHERE stream_id = $1`, [
    streamId,
    ...columns.map(([, value]: [string, unknown]) => value),
  ]);
  if (patch.status !== undefined) await markAttempt(tx, streamId, patch.status);
}

function patchOf(event: IntentEvent): IntentRowPatch {
  switch (event.type) {
    case 'quorate.tx.authorized.v1':
      return { address: event.data.from };
    case 'quorate.tx.nonce-reserved.v1':
      return { nonce: event.data.nonce };
    case 'quorate.tx.signature-requested.v1':
      return { status: 'signing' };
    case 'quorate.tx.signed.v1':
      return { hash: event.data.hash };
    case 'quorate.tx.broadcast.v1':
      return { status: 'broadcast' };
    case 'quorate.tx.included.v1': {
      const { number, hash } = event.data.block;
      return { status: 'included', block_number: number, block_hash: hash };
    }
    case 'quorate.tx.reorged.v1':
      return { status: 'broadcast', block_number: null, block_hash: null };
    case 'quorate.tx.confirmed.v1':
      return { status: 'confirmed' };
    case 'quorate.tx.reverted.v1':
      return { status: 'reverted' };
    case 'quorate.tx.failed.v1':
      return { status: 'failed', nonce: null };
    case 'quorate.tx.requested.v1':
    case 'quorate.tx.rejected.v1':
    case 'quorate.tx.priced.v1':
    case 'quorate.tx.signature-failed.v1':
      return {};
  }
}

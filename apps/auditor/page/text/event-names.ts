/** What events are called among people. */
export type Tone = 'plain' | 'good' | 'bad' | 'waiting';

const NAMES: ReadonlyMap<string, readonly [name: string, tone?: Tone]> = new Map(
  Object.entries<readonly [name: string, tone?: Tone]>({
    'key.requested': ['Key asked for'],
    'key.generated': ['Key generated', 'good'],
    'key.refreshed': ['Key refreshed', 'good'],
    'key.reshared': ['Key reshared', 'good'],
    'key.retired': ['Key retired'],
    'key.failed': ['Key ceremony failed', 'bad'],
    'key.epoch-adopted': ['Node took an epoch of the key into use'],
    'key.contradicted': ['Two certificates for one epoch', 'bad'],
    'sign.requested': ['Signing request accepted'],
    'sign.committee-chosen': ['Committee chosen'],
    'sign.partial-issued': ['Node signed its share'],
    'sign.partial-received': ['Shares received'],
    'sign.retried': ['Another attempt', 'waiting'],
    'sign.completed': ['Signature complete', 'good'],
    'sign.rejected': ['Signature rejected', 'bad'],
    'presign.started': ['Presigning started'],
    'presign.stocked': ['Presignatures in stock'],
    'presign.discarded': ['Presignatures discarded', 'waiting'],
    'presign.exhausted': ['Stock is empty', 'waiting'],
    'presign.replenished': ['Stock is filled again'],
    'ceremony.failed': ['Ceremony failed', 'bad'],
    'policy.refused': ['Node’s policy refused', 'bad'],
    'node.joined': ['Node joined'],
    'node.suspected': ['Node suspected', 'waiting'],
    'node.recovered': ['Node recovered', 'good'],
    'node.backed-up': ['Node backed up'],
    'node.restored': ['Node restored from a backup', 'waiting'],
    'node.banned': ['Pair of nodes banned', 'bad'],
    'node.unbanned': ['Pair of nodes unbanned'],
    'system.halted': ['Halted', 'bad'],
    'system.resumed': ['Resumed', 'good'],
    'record.dead-lettered': ['Record refused', 'bad'],
    'tx.requested': ['Transaction asked for'],
    'tx.authorized': ['Sender known'],
    'tx.rejected': ['Transaction rejected', 'bad'],
    'tx.amended': ['Amended by the client'],
    'tx.nonce-reserved': ['Nonce reserved'],
    'tx.filler-created': ['Filler created'],
    'tx.priced': ['Priced'],
    'tx.replaced': ['Replaces the attempts before it', 'waiting'],
    'tx.signature-requested': ['Signature asked for'],
    'tx.signature-failed': ['No signature', 'bad'],
    'tx.attempt-dropped': ['Attempt dropped', 'bad'],
    'tx.signed': ['Transaction signed'],
    'tx.broadcast': ['Broadcast'],
    'tx.broadcast-result': ['Endpoint answered a broadcast'],
    'tx.included': ['In a block', 'good'],
    'tx.reorged': ['Its block is gone', 'waiting'],
    'tx.confirmed': ['Confirmed', 'good'],
    'tx.finalized': ['Final', 'good'],
    'tx.reverted': ['Reverted', 'bad'],
    'tx.cancel-requested': ['Cancelling', 'waiting'],
    'tx.cancelled': ['Cancelled'],
    'tx.superseded': ['Nonce used by others', 'bad'],
    'tx.parked': ['Parked', 'waiting'],
    'tx.failed': ['Failed', 'bad'],
    'tx.evicted': ['Dropped by an endpoint', 'waiting'],
    'tx.lane-lease-taken': ['Lane taken over'],
    'tx.lane-paused': ['Lane paused', 'waiting'],
    'tx.lane-resumed': ['Lane resumed'],
    'tx.lanes-paused': ['Lanes paused', 'waiting'],
    'tx.lanes-resumed': ['Lanes resumed'],
    'tx.foreign-nonce': ['Foreign transaction', 'bad'],
    'tx.nonce-foreign-suspected': ['Foreign transaction suspected', 'bad'],
    'tx.endpoint-state-changed': ['Endpoint changed its state'],
    'tx.chain-suspect': ['Chain is suspect', 'bad'],
    'tx.chain-trusted': ['Chain is trusted again', 'good'],
    'tx.webhook-given-up': ['Webhook given up', 'waiting'],
    'tx.webhooks-orphaned': ['Webhooks without endpoint', 'waiting'],
    'tx.webhook-endpoint-gone': ['Webhook endpoint gone', 'waiting'],
  }),
);

/** The types of events that this page has names for, in full. */
export const KNOWN_TYPES = [...NAMES.keys()].map((short) => `quorate.${short}.v1`);

/** `quorate.sign.completed.v1` is `sign.completed`. */
export function shortType(type: string | null): string {
  return (type ?? 'unreadable').replace(/^quorate\./, '').replace(/\.v1$/, '');
}

export function eventName(type: string | null): string {
  return NAMES.get(shortType(type))?.[0] ?? shortType(type);
}

export function eventTone(type: string | null): Tone {
  return NAMES.get(shortType(type))?.[1] ?? 'plain';
}

/** `/node/node-1` is `node-1`. */
export function actorName(source: string | null): string {
  return source?.split('/').at(-1) || 'unknown';
}

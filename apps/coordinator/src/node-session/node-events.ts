import { type StoreTransaction } from '@quorate/event-store';
import { streams } from '@quorate/protocol';
import { type Clock } from '../ports/clock.port';

/** One event per life of a node, whichever coordinators it connects to. */
export class NodeEvents {
  constructor(private readonly clock: Clock) {}

  async joined(tx: StoreTransaction, node: string, bootId: string, version: string): Promise<void> {
    const isNew = await tx.query(
      'INSERT INTO node_boot (node, boot_id) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING node',
      [node, bootId],
    );
    if (isNew.length === 0) return;
    tx.appendNext(streams.node(node), [
      {
        type: 'quorate.node.joined.v1',
        data: { node, bootId, version },
        correlationId: node,
        causationId: bootId,
        occurredAt: this.clock.now(),
      },
    ]);
  }
}

import { z } from 'zod';
import { keyIdSchema, nodeIdSchema, recordIdSchema } from '../identifiers';
import { haltFactsSchema } from './halt';
import { countSchema, hash32Schema, hexBytes, timeSchema } from './primitives';

/** `quorate.node.heartbeat.v1` on mpc.heartbeats, typ heartbeat, key = node id, every 2 s. */
export const heartbeatSchema = z.object({
  type: z.literal('quorate.node.heartbeat.v1'),
  id: recordIdSchema,
  node: nodeIdSchema,
  bootId: hexBytes(32),
  version: z.string().max(100),
  ready: z.boolean(),
  /** How many presignatures the node ever spent: one that is higher than its own database means a restored backup. */
  ledgerCount: z.int().min(0),
  stock: z.array(
    z.object({ keyId: keyIdSchema, committee: z.array(nodeIdSchema).max(16), unspent: countSchema }),
  ),
  /** Pairs that a failed check made unusable, with the counter of their state: a re-key takes a higher one. */
  deadPairs: z.array(
    z.object({
      keyId: keyIdSchema,
      epoch: countSchema,
      peer: nodeIdSchema,
      pairCounter: countSchema.optional(),
    }),
  ),
  policyHash: hash32Schema,
  /** What the node's operator calls the policy in force. */
  policyVersion: z.string().max(100).optional(),
  /** What this node does not sign (the first 64 halts). */
  halts: z.array(haltFactsSchema).max(64).optional(),
  at: timeSchema,
});
export type NodeHeartbeat = z.output<typeof heartbeatSchema>;
export type NodeHeartbeatInput = z.input<typeof heartbeatSchema>;

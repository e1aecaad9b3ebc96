import { ed25519Jwk } from '@quorate/platform';
import { z } from 'zod';
import { nodeIdSchema, recordIdSchema } from '../identifiers';
import { haltStateSchema, resumeStateSchema } from './halt';
import { keyFactsSchema } from './partial';
import { hexBytes, timeSchema } from './primitives';

/** `quorate.state.node.v1` on mpc.state.NODE, typ state, key = node id. */
export const nodeStateSchema = z.object({
  type: z.literal('quorate.state.node.v1'),
  id: recordIdSchema,
  node: nodeIdSchema,
  identity: ed25519Jwk,
  bootId: hexBytes(32),
  version: z.string().max(100),
  at: timeSchema,
});

/** `quorate.state.key.v1` on mpc.state.NODE, typ state, key = keyId: written by every node of the key. */
export const keyStateSchema = z.object({
  type: z.literal('quorate.state.key.v1'),
  id: recordIdSchema,
  ...keyFactsSchema.shape,
  /** Absent: active. `left`: the node dealt its share away and has none; `retired`: it signs with the key no more, for ever. */
  status: z.enum(['active', 'left', 'retired']).optional(),
  at: timeSchema,
});

/**
 * `quorate.state.checkpoint.v1` on mpc.state.AUDITOR, typ state, key = `log:<log>`: the newest head of an audit log, so
 * that whoever reads it here can contradict a database that was rewritten.
 */
export const checkpointStateSchema = z.object({
  type: z.literal('quorate.state.checkpoint.v1'),
  id: recordIdSchema,
  /** Partition of mpc.events. */
  log: z.int().min(0),
  /** The signed note (C2SP tlog-checkpoint). */
  note: z.string().max(10_000),
  at: timeSchema,
});

export const stateSchema = z.discriminatedUnion('type', [
  nodeStateSchema,
  keyStateSchema,
  haltStateSchema,
  resumeStateSchema,
  checkpointStateSchema,
]);
export type NodeState = z.output<typeof nodeStateSchema>;
export type KeyState = z.output<typeof keyStateSchema>;
export type CheckpointStateInput = z.input<typeof checkpointStateSchema>;
export type StateRecord = z.output<typeof stateSchema>;
export type NodeStateInput = z.input<typeof nodeStateSchema>;
export type KeyStateInput = z.input<typeof keyStateSchema>;

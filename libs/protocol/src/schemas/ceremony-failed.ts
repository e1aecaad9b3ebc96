import { z } from 'zod';
import { keyIdSchema, nodeIdSchema } from '../identifiers';
import { countSchema, hash32Schema, hexBytes, timeSchema } from './primitives';

const index = z.int().min(1).max(0xfffe);

/** All that a session's id is computed from (threshold-ecdsa.md 1.4): whoever judges its frames needs it. */
export const sessionFactsSchema = z.object({
  suite: countSchema,
  purpose: z.enum(['dkg', 'presign', 'health', 'reshare', 'rekey']),
  /** Absent in key generation. */
  keyId: keyIdSchema.optional(),
  epoch: countSchema,
  threshold: countSchema,
  /** n of the key; of a reshare that of the old epoch. */
  parties: countSchema,
  participants: z
    .array(z.object({ node: nodeIdSchema, index, identityKey: hash32Schema, bootId: hexBytes(32) }))
    .max(32),
  notAfter: countSchema,
  rnd: hash32Schema,
  batch: countSchema,
  oldEpoch: countSchema,
  dealers: z.array(index).max(16),
  receivers: z.array(index).max(16),
  newThreshold: countSchema,
  pairCounter: countSchema,
});

/**
 * `quorate.ceremony.failed.v1`: why a ceremony failed at one node (threshold-ecdsa.md 9), with the signed frames that it
 * received of those it cannot vouch for. Frames of several nodes together convict who cheated; `accused` alone does not.
 */
export const ceremonyFailedSchema = z.looseObject({
  sessionId: hexBytes(64),
  node: nodeIdSchema,
  class: z.string().max(100),
  check: z.string().max(200),
  accused: nodeIdSchema.nullish(),
  session: sessionFactsSchema,
  evidence: z.array(
    z.object({
      /** SHA-256 of the frame. */
      hash: hash32Schema,
      /** The frame itself, unless it made the record too large; the node has it all the same. */
      frame: z.base64().optional(),
    }),
  ),
  occurredAt: timeSchema.optional(),
});

export type SessionFacts = z.output<typeof sessionFactsSchema>;
export type CeremonyFailed = z.output<typeof ceremonyFailedSchema>;
export type SessionFactsInput = z.input<typeof sessionFactsSchema>;
export type CeremonyFailedInput = z.input<typeof ceremonyFailedSchema>;

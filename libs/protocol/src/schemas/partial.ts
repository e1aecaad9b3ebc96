import { z } from 'zod';
import { keyIdSchema, kidSchema, nodeIdSchema, recordIdSchema, requestIdSchema } from '../identifiers';
import { addressSchema } from './address';
import { schemeSchema } from './final';
import {
  certificateSchema,
  groupElementSchema,
  nonceCommitmentsSchema,
  publicSharesSchema,
} from './key-facts';
import {
  compressedPointSchema,
  countSchema,
  hash32Schema,
  hexBytes,
  textSchema,
  timeSchema,
} from './primitives';

const request = {
  requester: kidSchema,
  requestId: requestIdSchema,
  requestHash: hash32Schema,
  attempt: countSchema,
};

/**
 * `quorate.sign.partial.v1` on mpc.partials: one node's share of one signature, `u` and `w` of an ECDSA key, `z` of a Schnorr
 * key. `req` binds it to the request's context; `presignatureId` is the nonce's where the key is a Schnorr key.
 */
export const signPartialSchema = z.object({
  type: z.literal('quorate.sign.partial.v1'),
  id: recordIdSchema,
  node: nodeIdSchema,
  bootId: hexBytes(32),
  ...request,
  keyId: keyIdSchema,
  epoch: countSchema,
  presignatureId: hexBytes(64),
  req: hash32Schema,
  u: hash32Schema.optional(),
  w: hash32Schema.optional(),
  z: hash32Schema.optional(),
  /** Absent for payload kind `bytes`. */
  digest: hash32Schema.optional(),
  at: timeSchema,
});

/** `quorate.sign.refused.v1`: a node will not sign. `spent`: whether the presignature is gone. */
export const signRefusedSchema = z.object({
  type: z.literal('quorate.sign.refused.v1'),
  id: recordIdSchema,
  node: nodeIdSchema,
  ...request,
  presignatureId: hexBytes(64),
  code: z.string().min(1).max(100),
  rule: z.string().max(100).nullish(),
  reason: textSchema,
  spent: z.boolean(),
  at: timeSchema,
});

/** What a key generation or reshare produced, as every member reports it. */
export const keyFactsSchema = z.object({
  keyId: keyIdSchema,
  scheme: schemeSchema,
  epoch: countSchema,
  threshold: countSchema,
  /** In ascending order of their party indices, which are the names in `publicShares`. */
  participants: z.array(nodeIdSchema).min(2).max(16),
  publicKey: groupElementSchema,
  chainCode: hash32Schema,
  publicShares: publicSharesSchema,
  certificate: certificateSchema,
  /** Of ECDSA keys. */
  address: addressSchema.optional(),
});

/** `quorate.ceremony.ended.v1`: one member's signed result of a ceremony. */
export const ceremonyEndedSchema = z.object({
  type: z.literal('quorate.ceremony.ended.v1'),
  id: recordIdSchema,
  node: nodeIdSchema,
  bootId: hexBytes(32),
  sessionId: hexBytes(64),
  purpose: z.enum(['dkg', 'presign', 'health', 'reshare', 'rekey']),
  outcome: z.enum(['ok', 'failed']),
  failure: z
    .object({ class: z.string().max(100), check: z.string().max(200), accused: nodeIdSchema.optional() })
    .optional(),
  keyId: keyIdSchema.optional(),
  epoch: countSchema.optional(),
  /** Of a presigning: digest of the opened round 2; of a nonce session: digest of round 1. */
  h2: hash32Schema.optional(),
  R: z.array(compressedPointSchema).max(64).optional(),
  /** Of a presigning of a Schnorr key. */
  nonces: z.array(nonceCommitmentsSchema).max(64).optional(),
  key: keyFactsSchema.optional(),
  at: timeSchema,
});

export const partialSchema = z.discriminatedUnion('type', [
  signPartialSchema,
  signRefusedSchema,
  ceremonyEndedSchema,
]);
export type SignPartial = z.output<typeof signPartialSchema>;
export type SignRefused = z.output<typeof signRefusedSchema>;
export type CeremonyEnded = z.output<typeof ceremonyEndedSchema>;
export type KeyFacts = z.output<typeof keyFactsSchema>;
export type PartialRecord = z.output<typeof partialSchema>;
export type SignPartialInput = z.input<typeof signPartialSchema>;
export type SignRefusedInput = z.input<typeof signRefusedSchema>;
export type CeremonyEndedInput = z.input<typeof ceremonyEndedSchema>;

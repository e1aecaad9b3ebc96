import { z } from 'zod';
import { keyIdSchema, kidSchema, nodeIdSchema, recordIdSchema, requestIdSchema } from '../identifiers';
import { addressSchema } from './address';
import { derivationPathSchema } from './derivation-path';
import { groupElementSchema } from './key-facts';
import { hash32Schema, hexBytes, hexOf, textSchema, timeSchema } from './primitives';

export const schemeSchema = z.enum(['ecdsa-secp256k1', 'eddsa-ed25519', 'bip340-secp256k1']);
export type Scheme = z.output<typeof schemeSchema>;

/** An ECDSA signature: canonical scalars, low s, and the parity of R's y (for recovery). */
export const ecdsaSignatureSchema = z.object({
  r: hash32Schema,
  s: hash32Schema,
  yParity: z.literal([0, 1]),
});
/** An Ed25519 (RFC 8032) or BIP-340 signature. */
export const byteSignatureSchema = z.object({ bytes: hexOf(64) });
export const signatureSchema = z.union([ecdsaSignatureSchema, byteSignatureSchema]);
export type EcdsaSignature = z.output<typeof ecdsaSignatureSchema>;
export type ByteSignature = z.output<typeof byteSignatureSchema>;

const identity = {
  id: recordIdSchema,
  requester: kidSchema,
  requestId: requestIdSchema,
  requestHash: hash32Schema,
};

/** `quorate.sign.completed.v1` on mpc.finals, typ final. */
export const signCompletedSchema = z.object({
  type: z.literal('quorate.sign.completed.v1'),
  ...identity,
  keyId: keyIdSchema,
  path: derivationPathSchema.nullish(),
  scheme: schemeSchema,
  digest: hash32Schema.nullish(),
  signature: signatureSchema,
  publicKey: groupElementSchema,
  address: addressSchema.nullish(),
  committee: z.array(nodeIdSchema).min(1).max(16),
  presignatureId: hexBytes(64),
  completedAt: timeSchema,
});

/** Why a request got no signature. */
export const rejectionCodeSchema = z.enum([
  'invalid',
  'unauthorized',
  'policy',
  'conflict',
  'expired',
  'unknown-key',
  'halted',
  'overloaded',
  'no-quorum',
  'failed',
]);
export type RejectionCode = z.output<typeof rejectionCodeSchema>;

/** `quorate.sign.rejected.v1` on mpc.finals, typ final. `mayBeSigned` is false only if no node was ever asked. */
export const signRejectedSchema = z.object({
  type: z.literal('quorate.sign.rejected.v1'),
  ...identity,
  code: rejectionCodeSchema,
  reason: textSchema,
  details: z.looseObject({ rule: z.string().optional() }).nullish(),
  mayBeSigned: z.boolean(),
  rejectedAt: timeSchema,
});

export const finalSchema = z.discriminatedUnion('type', [signCompletedSchema, signRejectedSchema]);
export type SignCompleted = z.output<typeof signCompletedSchema>;
export type SignRejected = z.output<typeof signRejectedSchema>;
export type Final = z.output<typeof finalSchema>;
export type SignCompletedInput = z.input<typeof signCompletedSchema>;
export type SignRejectedInput = z.input<typeof signRejectedSchema>;
export type FinalInput = z.input<typeof finalSchema>;

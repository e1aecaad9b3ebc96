import { z } from 'zod';
import { intentIdSchema, kidSchema, recordIdSchema } from '../identifiers';
import { addressSchema } from './address';
import { chainIdSchema, hash32Schema, textSchema, timeSchema, uint64Schema } from './primitives';

/** Where an intent stands, as the submitter's HTTP API shows it. */
export const intentStatusSchema = z.enum([
  'queued',
  'reserved',
  'signing',
  'broadcast',
  'included',
  'confirmed',
  'finalized',
  'reverted',
  'cancelled',
  'superseded',
  'parked',
  'rejected',
  'failed',
]);
export type IntentStatus = z.output<typeof intentStatusSchema>;

/** The outcome types of tx.outcomes, without prefix and version. */
export const OUTCOME_NAMES = [
  'accepted',
  'rejected',
  'broadcast',
  'confirmed',
  'finalized',
  'reverted',
  'cancelled',
  'superseded',
  'parked',
  'failed',
] as const;
export type OutcomeName = (typeof OUTCOME_NAMES)[number];
export type OutcomeType = `quorate.tx.${OutcomeName}.v1`;

/** The ce_type of an outcome, such as `quorate.tx.confirmed.v1`. */
export function outcomeType(name: OutcomeName): OutcomeType {
  return `quorate.tx.${name}.v1`;
}

/** A record of tx.outcomes, typ tx-outcome: what happened to an intent. Fields that do not apply are left out. */
export const txOutcomeSchema = z.object({
  type: z.enum(OUTCOME_NAMES.map(outcomeType)),
  id: recordIdSchema,
  requester: kidSchema,
  intentId: intentIdSchema,
  intentHash: hash32Schema,
  chainId: chainIdSchema.optional(),
  from: addressSchema.optional(),
  nonce: uint64Schema.optional(),
  hash: hash32Schema.optional(),
  block: z.object({ number: uint64Schema, hash: hash32Schema }).optional(),
  status: intentStatusSchema,
  code: z.string().max(100).optional(),
  reason: textSchema.optional(),
  details: z.looseObject({ rule: z.string().optional() }).optional(),
  at: timeSchema,
});
export type TxOutcome = z.output<typeof txOutcomeSchema>;
export type TxOutcomeInput = z.input<typeof txOutcomeSchema>;

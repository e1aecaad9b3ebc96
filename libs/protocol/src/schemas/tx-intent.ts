import { z } from 'zod';
import { CLIENT_VALUE_LIMIT } from '../limits';
import { intentIdSchema, keyIdSchema, kidSchema } from '../identifiers';
import { addressSchema } from './address';
import { derivationPathSchema } from './derivation-path';
import { chainIdSchema, hexBytes, timeSchema, uint64Schema, weiSchema } from './primitives';

const MAX_CONFIRMATIONS = 1000;
const CONFIRMATIONS_EXPECTATION = `must be an integer from 1 to ${MAX_CONFIRMATIONS}`;

/** `quorate.tx.requested.v1` on tx.intents, typ tx-intent: the client asks for one transaction on a chain. Amounts in wei. */
export const txIntentSchema = z.object(
  {
    intentId: intentIdSchema,
    requester: kidSchema,
    keyId: keyIdSchema,
    path: derivationPathSchema.optional(),
    chainId: chainIdSchema,
    to: addressSchema,
    value: weiSchema,
    data: hexBytes(CLIENT_VALUE_LIMIT / 2),
    gasLimit: uint64Schema.optional(),
    maxFeePerGas: weiSchema,
    maxCost: weiSchema,
    confirmations: z
      .int({ error: CONFIRMATIONS_EXPECTATION })
      .min(1, { error: CONFIRMATIONS_EXPECTATION })
      .max(MAX_CONFIRMATIONS, { error: CONFIRMATIONS_EXPECTATION })
      .optional(),
    expiresAt: timeSchema,
  },
  { error: 'must be a JSON object: a transaction intent' },
);

/** `quorate.tx.amended.v1` on tx.intents, typ tx-amend: raises an intent's ceilings, or asks to cancel it. */
export const txAmendSchema = z
  .object(
    {
      intentId: intentIdSchema,
      requester: kidSchema,
      maxFeePerGas: weiSchema.optional(),
      maxCost: weiSchema.optional(),
      expiresAt: timeSchema.optional(),
      cancel: z.literal(true, { error: 'must be true, or left out' }).optional(),
    },
    { error: 'must be a JSON object: an amendment' },
  )
  .refine(
    (amend) =>
      amend.cancel === true || (amend.maxFeePerGas ?? amend.maxCost ?? amend.expiresAt) !== undefined,
    {
      error: 'must change something: give maxFeePerGas, maxCost or expiresAt, or cancel: true',
    },
  );

export type TxIntent = z.output<typeof txIntentSchema>;
export type TxIntentInput = z.input<typeof txIntentSchema>;
export type TxAmend = z.output<typeof txAmendSchema>;
export type TxAmendInput = z.input<typeof txAmendSchema>;

/** The terms of an intent after its amendments: ceilings and expiry only ever rise. */
export function amendedIntent(intent: TxIntent, amendments: readonly TxAmend[]): TxIntent {
  return amendments.reduce(
    (terms, { maxFeePerGas, maxCost, expiresAt }) => ({
      ...terms,
      maxFeePerGas: higher(terms.maxFeePerGas, maxFeePerGas),
      maxCost: higher(terms.maxCost, maxCost),
      expiresAt:
        expiresAt !== undefined && Date.parse(expiresAt) > Date.parse(terms.expiresAt)
          ? expiresAt
          : terms.expiresAt,
    }),
    intent,
  );
}

function higher(amount: string, other: string | undefined): string {
  return other !== undefined && BigInt(other) > BigInt(amount) ? other : amount;
}

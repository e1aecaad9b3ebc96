import { type TxIntent, txIntentSchema } from '@quorate/protocol';

/** The terms of a stored intent, from the client's exact bytes: they were valid when it was received. */
export function intentTerms(value: Buffer): TxIntent {
  return txIntentSchema.parse(JSON.parse(value.toString('utf8')));
}

import { amendedIntent, type TxIntent, txAmendSchema, txIntentSchema } from '@quorate/protocol';
import { type StoredIntent } from './stored-intent';

/** What a stored intent asks for, after its amendments: the client's exact bytes were valid when they were received. */
export function intentTerms({ value, amendments }: Pick<StoredIntent, 'value' | 'amendments'>): TxIntent {
  return amendedIntent(
    txIntentSchema.parse(JSON.parse(value.toString('utf8'))),
    amendments.map((amendment) => txAmendSchema.parse(JSON.parse(amendment.value.toString('utf8')))),
  );
}

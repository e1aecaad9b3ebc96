import { amendedIntent, type TxIntent, txAmendSchema, txIntentSchema } from '@quorate/protocol';
import { type StoredIntent } from './stored-intent';

type Stored = Pick<StoredIntent, 'value' | 'amendments'>;

/** Several steps of one turn look at the terms of the intents that were read for it. */
const known = new WeakMap<Stored, TxIntent>();

/** What a stored intent asks for, after its amendments: the client's exact bytes were valid when they were received. */
export function intentTerms(stored: Stored): TxIntent {
  const terms = known.get(stored) ?? read(stored);
  known.set(stored, terms);
  return terms;
}

function read({ value, amendments }: Stored): TxIntent {
  return amendedIntent(
    txIntentSchema.parse(JSON.parse(value.toString('utf8'))),
    amendments.map((amendment) => txAmendSchema.parse(JSON.parse(amendment.value.toString('utf8')))),
  );
}

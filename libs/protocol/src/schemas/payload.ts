import { z } from 'zod';
import { AMENDMENT_VALUE_LIMIT, AMENDMENTS_PER_INTENT, APPROVALS_LIMIT, CLIENT_VALUE_LIMIT } from '../limits';
import { hash32Schema, hexBytes } from './primitives';
import { detachedJwsSchema, signedBytesSchema } from './signed-bytes';

const unsigned = hexBytes(CLIENT_VALUE_LIMIT);
const message = hexBytes(CLIENT_VALUE_LIMIT / 2);
const member = (what: string) =>
  z.record(z.string(), z.unknown(), { error: `must be an object: ${what} of EIP-712 typed data` });

/** EIP-712 typed data; libs/evm checks types against values. */
export const typedDataSchema = z.looseObject(
  {
    types: member('the types'),
    primaryType: z.string({ error: 'must name one of the types' }),
    domain: member('the domain'),
    message: member('the message'),
  },
  { error: 'must be EIP-712 typed data: an object with types, primaryType, domain and message' },
);

/** What is to be signed (interfaces.md, payload kinds). */
export const payloadSchema = z.discriminatedUnion(
  'kind',
  [
    z.object({ kind: z.literal('evm-transaction'), unsigned }),
    z.object({ kind: z.literal('eip191'), message }),
    z.object({ kind: z.literal('eip712'), typedData: typedDataSchema }),
    z.object({ kind: z.literal('digest'), digest: hash32Schema }),
    z.object({ kind: z.literal('bytes'), message }),
    z.object({
      kind: z.literal('evm-intent'),
      unsigned,
      intent: signedBytesSchema(CLIENT_VALUE_LIMIT),
      /** Detached JWS (typ approval) over the intent's bytes, where policy asks for them. */
      approvals: z
        .array(detachedJwsSchema)
        .max(APPROVALS_LIMIT, { error: `must be at most ${APPROVALS_LIMIT} approvals` })
        .optional(),
      amendments: z
        .array(signedBytesSchema(AMENDMENT_VALUE_LIMIT))
        .max(AMENDMENTS_PER_INTENT, { error: `must be at most ${AMENDMENTS_PER_INTENT} amendments` })
        .optional(),
    }),
    z.object({ kind: z.literal('evm-cancel'), unsigned }),
  ],
  {
    error:
      'must be an object whose kind is evm-transaction, eip191, eip712, digest, bytes, evm-intent or evm-cancel',
  },
);

export type Payload = z.output<typeof payloadSchema>;
export type PayloadKind = Payload['kind'];
export type PayloadOf<K extends PayloadKind> = Extract<Payload, { kind: K }>;
export type TypedData = z.output<typeof typedDataSchema>;

/** Every payload kind of the interface. */
export const PAYLOAD_KINDS: readonly PayloadKind[] = [
  'evm-transaction',
  'eip191',
  'eip712',
  'digest',
  'bytes',
  'evm-intent',
  'evm-cancel',
];

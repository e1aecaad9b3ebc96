/** One requester of the policy file: who it is, and what this node signs for it. */
import { ed25519Jwk, kid, publicKeyOf } from '@quorate/platform';
import { addressSchema, APPROVALS_LIMIT, chainIdSchema, uint64Schema, weiSchema } from '@quorate/protocol';
import { z } from 'zod';
import { argumentLimit } from './argument-limit';
import { chainRules } from './chain-rules';
import { areUnique, strictObject } from './strict-object';

const PATHS = 'expected "*", a path such as m/44/60/0, or a prefix such as m/44/60/*';
const CHAINS = 'expected a decimal chain id or "*"';

/** An Ed25519 public key as JWK. */
export const publicKey = ed25519Jwk.refine(
  (jwk) => {
    try {
      return publicKeyOf(jwk).asymmetricKeyType === 'ed25519';
    } catch {
      return false;
    }
  },
  { error: 'expected an Ed25519 public key' },
);

/**
 * Keys that a kid had before `publicKey`: what they signed counts until then (docs/rotation.md). In JSON, as the hash of the
 * policy is that of what its operator wrote.
 */
export const formerKeys = z
  .array(strictObject({ publicKey, until: z.iso.datetime({ offset: true }) }))
  .max(64)
  .optional();

const chain = z.union([z.literal('*'), chainIdSchema], { error: CHAINS });

const typedDataRule = strictObject({
  chainId: chainIdSchema.optional(),
  verifyingContract: addressSchema.optional(),
  name: z.string().optional(),
  primaryTypes: z.array(z.string().min(1)).min(1, { error: 'must name at least one type' }),
  fields: z.record(z.string(), argumentLimit).default({}),
});

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const timeOfDay = z
  .string()
  .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, { error: 'must be a time of day, such as "08:30"' });

const workingHours = strictObject({
  timeZone: z.string().refine(isTimeZone, {
    error: 'must be the name of a time zone, such as "Europe/Zurich" or "UTC"',
  }),
  days: z
    .array(z.enum(DAYS, { error: `must be one of ${DAYS.join(', ')}` }))
    .min(1, { error: 'must name at least one day' }),
  from: timeOfDay,
  to: timeOfDay,
}).refine(({ from, to }) => from < to, {
  path: ['to'],
  error: 'must be later than "from": hours past midnight need another requester entry, or "24:00"',
});

const approvals = strictObject({
  required: z.int({ error: 'must be an integer' }).min(1, { error: 'must be at least 1' }),
  approvers: z
    .array(strictObject({ kid, publicKey }))
    .min(1, { error: 'must name at least one approver' })
    .max(APPROVALS_LIMIT, { error: `must name at most ${APPROVALS_LIMIT} approvers` })
    .refine((all) => areUnique(all.map((approver) => approver.kid)), {
      error: 'two approvers have the same kid',
    })
    .refine((all) => areUnique(all.map((approver) => approver.publicKey.x)), {
      error: 'two approvers have the same key',
    }),
}).refine(({ required, approvers }) => required <= approvers.length, {
  path: ['required'],
  error: 'required is larger than the number of approvers',
});

/** What a client may have signed. */
export const clientEntry = strictObject({
  kid,
  publicKey,
  formerKeys,
  role: z.literal('client'),
  keys: z.array(z.union([z.literal('*'), kid], { error: 'expected a key id or "*"' })).min(1, {
    error: 'must name at least one key',
  }),
  paths: z
    .array(z.string({ error: PATHS }).regex(/^(\*|m(\/\d+)*(\/\*)?)$/, { error: PATHS }))
    .min(1, { error: 'must name at least one path' }),
  payloadKinds: z.array(z.enum(['evm-transaction', 'eip191', 'eip712', 'digest', 'bytes', 'evm-intent'])),
  chains: z.array(chain),
  rawDigests: z.boolean().default(false),
  transactions: z.record(chain, chainRules).optional(),
  typedData: z.array(typedDataRule).optional(),
  workingHours: workingHours.optional(),
  approvals: approvals.optional(),
}).superRefine(
  ({ kid: own, publicKey: ownKey, formerKeys: former, chains, transactions, approvals: asked }, context) => {
    const ruled = Object.keys(transactions ?? {});
    for (const name of ruled) {
      if (name === '*' || chains.includes('*') || chains.includes(name)) continue;
      const message = `chain ${name} is not in "chains", so these rules would never apply`;
      context.addIssue({ code: 'custom', path: ['transactions', name], message });
    }
    const free =
      ruled.includes('*') || transactions === undefined ? [] : chains.filter((name) => !ruled.includes(name));
    for (const name of free) {
      const message = `"chains" has ${name}, but there are no rules for it: add them, or rules for "*"`;
      context.addIssue({ code: 'custom', path: ['transactions'], message });
    }
    const ownKeys = [ownKey, ...(former ?? []).map((key) => key.publicKey)].map(({ x }) => x);
    for (const [place, approver] of (asked?.approvers ?? []).entries()) {
      if (!ownKeys.includes(approver.publicKey.x) || approver.kid === own) continue;
      const message = `has the key of ${own} itself, under another name`;
      context.addIssue({ code: 'custom', path: ['approvals', 'approvers', place], message });
    }
  },
);

/** A submitter has transactions signed for its clients' intents, and the empty transfers that cancel them. */
export const submitterEntry = strictObject({
  kid,
  publicKey,
  formerKeys,
  role: z.literal('submitter'),
  cancel: strictObject({
    maxFeePerGas: weiSchema,
    gasLimit: uint64Schema,
    perHour: z.int({ error: 'must be an integer' }).min(0, { error: 'must not be negative' }),
  }).optional(),
});

export type ClientEntry = z.output<typeof clientEntry>;
export type SubmitterEntry = z.output<typeof submitterEntry>;
export type RequesterEntry = ClientEntry | SubmitterEntry;
export type TypedDataRule = z.output<typeof typedDataRule>;
export type WorkingHours = z.output<typeof workingHours>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).format(0) !== '';
  } catch {
    return false;
  }
}

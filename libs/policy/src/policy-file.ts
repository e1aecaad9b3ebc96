import { createHash, type KeyObject } from 'node:crypto';
import { ed25519Jwk, kid, publicKeyOf, uniqueKids } from '@quorate/platform';
import { z } from 'zod';

const pathPattern = z
  .string()
  .regex(/^(\*|m(\/\d+)*(\/\*)?)$/, 'expected "*", a path such as m/44/60/0, or a prefix such as m/44/60/*');

const clientEntry = z.object({
  kid,
  publicKey: ed25519Jwk,
  role: z.literal('client'),
  keys: z.array(z.union([z.literal('*'), kid])).min(1),
  paths: z.array(pathPattern).min(1),
  payloadKinds: z.array(z.enum(['evm-transaction', 'eip191', 'eip712', 'digest', 'bytes', 'evm-intent'])),
  chains: z.array(z.string().regex(/^(\*|[1-9]\d*)$/, 'expected a decimal chain id or "*"')),
  rawDigests: z.boolean().default(false),
});
const submitterEntry = z.object({ kid, publicKey: ed25519Jwk, role: z.literal('submitter') });

/** Two nodes sign together at least: with one, a single machine could. */
const LEAST_THRESHOLD = 2;

const policyFields = z.object({
  version: z.literal(1),
  reshare: z
    .object({ minimumThreshold: z.int().min(LEAST_THRESHOLD).max(16).default(LEAST_THRESHOLD) })
    .default({ minimumThreshold: LEAST_THRESHOLD }),
  operators: z
    .object({
      required: z.int().min(1),
      keys: z
        .array(z.object({ kid, publicKey: ed25519Jwk }))
        .min(1)
        .refine(uniqueKids, 'two operators have the same kid'),
    })
    .refine(({ required, keys }) => required <= keys.length, 'required is larger than the number of keys'),
  requesters: z
    .array(z.discriminatedUnion('role', [clientEntry, submitterEntry]))
    .refine(uniqueKids, 'two requesters have the same kid'),
});

export type ClientEntry = z.infer<typeof clientEntry>;
export type RequesterEntry = ClientEntry | z.infer<typeof submitterEntry>;

/** A policy in force; immutable, a reload makes a new one. */
export interface Policy {
  /** 0x + SHA-256 of the policy's normalised JSON. */
  readonly hash: string;
  readonly operatorsRequired: number;
  readonly operators: ReadonlyMap<string, KeyObject>;
  /** This node joins no reshare to a lower threshold, whoever signs the command. */
  readonly reshare: { readonly minimumThreshold: number };
  readonly requesters: ReadonlyMap<string, { readonly entry: RequesterEntry; readonly publicKey: KeyObject }>;
}

/** The node's policy as its operator writes it (POLICY_FILE), parsed into the policy in force. */
export const policyFile = policyFields.transform((fields): Policy => ({
  hash: `0x${createHash('sha256').update(JSON.stringify(fields)).digest('hex')}`,
  operatorsRequired: fields.operators.required,
  reshare: fields.reshare,
  operators: new Map(
    fields.operators.keys.map((operator) => [operator.kid, publicKeyOf(operator.publicKey)]),
  ),
  requesters: new Map(
    fields.requesters.map((entry) => [entry.kid, { entry, publicKey: publicKeyOf(entry.publicKey) }]),
  ),
}));

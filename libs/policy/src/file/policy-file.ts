import { createHash } from 'node:crypto';
import { IdentityKeys, kid, publicKeyOf, uniqueKids } from '@quorate/platform';
import { type KeyLookup } from '@quorate/protocol';
import { z } from 'zod';
import { clientEntry, formerKeys, publicKey, type RequesterEntry, submitterEntry } from './requester-entry';
import { areUnique, strictObject } from './strict-object';

/** Two nodes sign together at least: with one, a single machine could. */
const LEAST_THRESHOLD = 2;
const MOST_THRESHOLD = 16;

const policyFields = strictObject({
  version: z.literal(1, { error: 'must be 1: the version of this format' }),
  policyVersion: z.string().max(100, { error: 'must be at most 100 characters' }).optional(),
  reshare: strictObject({
    minimumThreshold: z
      .int({ error: 'must be an integer' })
      .min(LEAST_THRESHOLD, { error: `must be at least ${LEAST_THRESHOLD}` })
      .max(MOST_THRESHOLD, { error: `must be at most ${MOST_THRESHOLD}` })
      .default(LEAST_THRESHOLD),
  }).default({ minimumThreshold: LEAST_THRESHOLD }),
  operators: strictObject({
    required: z.int({ error: 'must be an integer' }).min(1, { error: 'must be at least 1' }),
    keys: z
      .array(strictObject({ kid, publicKey, formerKeys }))
      .min(1, { error: 'must name at least one operator' })
      .refine(uniqueKids, { error: 'two operators have the same kid' })
      .refine((all) => areUnique(all.map((operator) => operator.publicKey.x)), {
        error: 'two operators have the same key',
      }),
  }).refine(({ required, keys }) => required <= keys.length, {
    path: ['required'],
    error: 'required is larger than the number of keys',
  }),
  requesters: z
    .array(
      z.discriminatedUnion('role', [clientEntry, submitterEntry], {
        error: 'must be a requester with role "client" or "submitter"',
      }),
    )
    .refine(uniqueKids, { error: 'two requesters have the same kid' }),
});

/** A requester with its keys, ready to verify. */
export interface KnownRequester {
  readonly entry: RequesterEntry;
  readonly keys: IdentityKeys;
  /** Whose approvals count for its requests. */
  readonly approvers: KeyLookup;
}

/** A policy in force; immutable, a reload makes a new one. */
export interface Policy {
  /** 0x + SHA-256 of the policy's normalised JSON. */
  readonly hash: string;
  /** What its operator calls this version of it. */
  readonly policyVersion: string | undefined;
  readonly operatorsRequired: number;
  readonly operators: ReadonlyMap<string, IdentityKeys>;
  /** This node joins no reshare to a lower threshold, whoever signs the command. */
  readonly reshare: { readonly minimumThreshold: number };
  readonly requesters: ReadonlyMap<string, KnownRequester>;
}

/** The node's policy as its operator writes it (POLICY_FILE), parsed into the policy in force. */
export const policyFile = policyFields.transform((fields): Policy => ({
  hash: `0x${createHash('sha256').update(JSON.stringify(fields)).digest('hex')}`,
  policyVersion: fields.policyVersion,
  operatorsRequired: fields.operators.required,
  operators: new Map(fields.operators.keys.map((operator) => [operator.kid, keysOf(operator)])),
  reshare: fields.reshare,
  requesters: new Map(fields.requesters.map((entry) => [entry.kid, knownRequester(entry)])),
}));

function knownRequester(entry: RequesterEntry): KnownRequester {
  const listed = entry.role === 'client' ? (entry.approvals?.approvers ?? []) : [];
  const keys = new Map(listed.map((approver) => [approver.kid, publicKeyOf(approver.publicKey)]));
  return { entry, keys: keysOf(entry), approvers: (name) => keys.get(name) };
}

function keysOf({
  publicKey: present,
  formerKeys: former = [],
}: Pick<RequesterEntry, 'publicKey' | 'formerKeys'>) {
  return new IdentityKeys(
    publicKeyOf(present),
    former.map((key) => ({ publicKey: publicKeyOf(key.publicKey), until: Date.parse(key.until) })),
  );
}

import { z } from 'zod';
import { keyIdSchema, nodeIdSchema } from '../identifiers';
import { schemeSchema } from './final';
import { countSchema, hash32Schema, textSchema, timeSchema } from './primitives';

const PARTIES = 'must be an integer from 2 to 16';

/** After `expiry` nobody acts on the command; `nonce` (32 random bytes) makes each command one of its own. */
const command = { expiry: timeSchema, nonce: hash32Schema };
/** The key, and the epoch in which the operators saw it: in another epoch the command means nothing. */
const ofKey = { keyId: keyIdSchema, epoch: countSchema };
const quorum = {
  threshold: z.int({ error: PARTIES }).min(2, { error: PARTIES }).max(16, { error: PARTIES }),
  participants: z
    .array(nodeIdSchema)
    .min(2, { error: 'must name at least 2 nodes' })
    .max(16, { error: 'must name at most 16 nodes' })
    .refine((nodes) => new Set(nodes).size === nodes.length, { error: 'must not name a node twice' }),
  disjointQuorums: z.boolean(),
};

interface Quorum {
  readonly threshold: number;
  readonly participants: readonly string[];
  readonly disjointQuorums: boolean;
}
const fitsParticipants = ({ threshold, participants }: Quorum) => threshold <= participants.length;
const hasCommonNodes = ({ threshold, participants, disjointQuorums }: Quorum) =>
  disjointQuorums || 2 * threshold > participants.length;
const THRESHOLD_TOO_HIGH = {
  path: ['threshold'],
  error: 'must not be higher than the number of participants',
};
const DISJOINT_QUORUMS = {
  path: ['disjointQuorums'],
  error:
    'must be true for 2 * threshold <= participants: two committees without a common node are possible then',
};

/** `CreateKey`: a key generation of these nodes, in the order of their indices. */
export const createKeyCommandSchema = z
  .object({
    what: z.literal('CreateKey'),
    scheme: schemeSchema,
    ...quorum,
    epoch: z.literal(0, { error: 'must be 0: a new key starts at epoch 0' }),
    ...command,
  })
  .refine(fitsParticipants, THRESHOLD_TOO_HIGH)
  .refine(hasCommonNodes, DISJOINT_QUORUMS);

/** `ReshareKey`: the same key for these nodes and this threshold; replaces a lost node, too. `epoch` is the present one. */
export const reshareKeyCommandSchema = z
  .object({ what: z.literal('ReshareKey'), ...ofKey, ...quorum, ...command })
  .refine(fitsParticipants, THRESHOLD_TOO_HIGH)
  .refine(hasCommonNodes, DISJOINT_QUORUMS);

/** `RetireKey`: no node signs with the key any more, for ever. */
export const retireKeyCommandSchema = z.object({ what: z.literal('RetireKey'), ...ofKey, ...command });

/** `UnbanPair`: a re-key of a pair that a failed check made unusable. */
export const unbanPairCommandSchema = z.object({
  what: z.literal('UnbanPair'),
  ...ofKey,
  firstNode: nodeIdSchema,
  secondNode: nodeIdSchema,
  ...command,
});

/** What a halt is about: everything, one key, or one requester. */
export const haltScopeSchema = z.string().regex(/^(?:all|(?:key|requester):[A-Za-z0-9_.:-]{1,100})$/, {
  error: 'must be "all", "key:<keyId>" or "requester:<kid>"',
});

/** `Halt`: stop signing in a scope; the signature of one operator is enough. */
export const haltCommandSchema = z.object({
  what: z.literal('Halt'),
  scope: haltScopeSchema,
  reason: textSchema,
  epoch: countSchema.optional(),
  ...command,
});

/** Halts that one resume may name. */
export const MAX_HALTS_PER_RESUME = 256;

/**
 * `Resume`: ends halts of exactly this scope. With `halts` it ends these, whenever it arrives; without, what the
 * coordinator that took it found halted, and only until `expiry` (docs/halt.md).
 */
export const resumeCommandSchema = z.object({
  what: z.literal('Resume'),
  scope: haltScopeSchema,
  halts: z.array(hash32Schema).min(1).max(MAX_HALTS_PER_RESUME).optional(),
  epoch: countSchema.optional(),
  ...command,
});

/** What operators sign (typ operator-command): every node checks it against the operators of its own policy. */
export const operatorCommandSchema = z.discriminatedUnion(
  'what',
  [
    createKeyCommandSchema,
    reshareKeyCommandSchema,
    retireKeyCommandSchema,
    unbanPairCommandSchema,
    haltCommandSchema,
    resumeCommandSchema,
  ],
  { error: 'must be a JSON object with `what`: CreateKey, ReshareKey, RetireKey, UnbanPair, Halt or Resume' },
);

export type OperatorCommand = z.output<typeof operatorCommandSchema>;
export type OperatorCommandInput = z.input<typeof operatorCommandSchema>;
export type CommandName = OperatorCommand['what'];
export type CommandOf<W extends CommandName> = Extract<OperatorCommand, { what: W }>;
export type CommandInputOf<W extends CommandName> = Extract<OperatorCommandInput, { what: W }>;
export type CreateKeyCommand = CommandOf<'CreateKey'>;
export type CreateKeyCommandInput = CommandInputOf<'CreateKey'>;

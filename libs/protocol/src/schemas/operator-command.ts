import { z } from 'zod';
import { nodeIdSchema } from '../identifiers';
import { schemeSchema } from './final';
import { hash32Schema, timeSchema } from './primitives';

const PARTIES = 'must be an integer from 2 to 16';

/** `CreateKey`, signed by operators (typ operator-command) and checked by every node before it joins a key generation. */
export const createKeyCommandSchema = z
  .object(
    {
      what: z.literal('CreateKey'),
      scheme: schemeSchema,
      threshold: z.int({ error: PARTIES }).min(2, { error: PARTIES }).max(16, { error: PARTIES }),
      participants: z
        .array(nodeIdSchema)
        .min(2, { error: 'must name at least 2 nodes' })
        .max(16, { error: 'must name at most 16 nodes' }),
      disjointQuorums: z.boolean(),
      epoch: z.literal(0, { error: 'must be 0: a new key starts at epoch 0' }),
      expiry: timeSchema,
      nonce: hash32Schema,
    },
    { error: 'must be a JSON object: an operator command' },
  )
  .refine((command) => new Set(command.participants).size === command.participants.length, {
    path: ['participants'],
    error: 'must not name a node twice',
  })
  .refine((command) => command.threshold <= command.participants.length, {
    path: ['threshold'],
    error: 'must not be higher than the number of participants',
  })
  .refine((command) => command.disjointQuorums || 2 * command.threshold > command.participants.length, {
    path: ['disjointQuorums'],
    error:
      'must be true for 2 * threshold <= participants: two committees without a common node are possible then',
  });

export const operatorCommandSchema = createKeyCommandSchema;
export type CreateKeyCommand = z.output<typeof createKeyCommandSchema>;
export type CreateKeyCommandInput = z.input<typeof createKeyCommandSchema>;
export type OperatorCommand = CreateKeyCommand;

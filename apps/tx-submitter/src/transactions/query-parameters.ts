import { problems } from '@quorate/platform';
import { addressSchema, hash32Schema, ID_PATTERN, intentStatusSchema } from '@quorate/protocol';
import { z } from 'zod';

const id = z.string().regex(ID_PATTERN, 'must be 1 to 100 characters out of A-Z a-z 0-9 _ . : -');
const limitRange = 'must be a whole number from 1 to 1000';

export const namedParameters = z.strictObject({
  requester: id.optional().meta({ description: 'Whose intent, when ids of several requesters are equal.' }),
});

export const listParameters = z.strictObject({
  hash: hash32Schema.optional().meta({ description: 'The transaction with this hash.' }),
  address: addressSchema.optional().meta({ description: 'Transactions of this account.' }),
  status: intentStatusSchema.optional().meta({ description: 'Transactions with this status.' }),
  cursor: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, 'must be the nextCursor of a page, unchanged')
    .optional()
    .meta({ description: 'nextCursor of the page before.' }),
  limit: z
    .string()
    .regex(/^\d{1,4}$/, limitRange)
    .transform(Number)
    .pipe(z.number().min(1, limitRange).max(1000, limitRange))
    .default(100)
    .meta({ description: 'Transactions per page, 1 to 1000.' }),
});

export const reconcileParameters = z.strictObject({
  dryRun: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default('true')
    .transform((text) => text === 'true')
    .meta({ description: 'false to mend what is found; true, which is the default, to hear of it only.' }),
});

/**
 * Reads query parameters.
 *
 * @throws Problem `invalid-parameter` that names the parameter and says what to change.
 */
export function readParameters<S extends z.ZodObject>(schema: S, query: unknown): z.output<S> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const names = Object.keys(schema.shape).join(', ');
    throw problems.invalidParameter(
      `There is no parameter ${issue.keys.join(', ').slice(0, 100)} here: use ${names}`,
    );
  }
  const name = String(issue?.path[0] ?? '');
  throw problems.invalidParameter(`${name} ${issue?.message}`, name);
}

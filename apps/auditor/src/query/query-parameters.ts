import { problems, type Problem } from '@quorate/platform';
import { ID_PATTERN, rfc3339Milliseconds } from '@quorate/protocol';
import { z } from 'zod';

const id = (what: string) =>
  z
    .string()
    .regex(ID_PATTERN, 'must be 1 to 100 characters out of A-Z a-z 0-9 _ . : -')
    .meta({ description: what });

const text = (what: string) =>
  z
    .string()
    .regex(/^[\x21-\x7e]{1,400}$/, 'must be 1 to 400 printable characters without spaces')
    .meta({ description: what });

const time = (what: string) =>
  z
    .string()
    .refine((value) => rfc3339Milliseconds(value) !== undefined, {
      error: 'must be an RFC 3339 time in UTC, for example 2026-12-01T12:00:00Z',
    })
    .meta({ description: what, format: 'date-time' });

const filters = {
  requestId: id('Events about this sign request.').optional(),
  intentId: id('Events about this transaction intent.').optional(),
  type: text('Events of this type, for example quorate.sign.completed.v1.').optional(),
  actor: text('Events decided by this service, for example /node/node-1.').optional(),
  keyId: id('Events about this key.').optional(),
  eventId: text('The event with this id, and its copies.').optional(),
  hash: z
    .string()
    .regex(
      /^0x(?:[0-9a-f]{40}|(?:[0-9a-f]{2}){32,100})$/,
      'must be 0x and 40, or an even number from 64 to 200, of lowercase hex digits',
    )
    .optional()
    .meta({
      description:
        'Events that name this hash, digest, address or public key: of a transaction, request, block, account, key.',
    }),
  from: time('Events that occurred at this time or later.').optional(),
  to: time('Events that occurred before this time.').optional(),
};

const order = z
  .enum(['asc', 'desc'], { error: 'must be asc (oldest first) or desc (newest first)' })
  .default('asc')
  .meta({ description: 'asc: in the order of the log, desc: newest first.' });

const LIMIT = 'must be a whole number from 1 to 1000';

const cursor = z
  .string()
  .max(200, 'is too long: give the nextCursor of a page, unchanged')
  .optional()
  .meta({ description: 'nextCursor of the page before.' });

export const storyParameters = z.strictObject({ cursor });

export const listParameters = z.strictObject({
  ...filters,
  cursor,
  limit: z
    .string()
    .regex(/^\d{1,4}$/, LIMIT)
    .transform(Number)
    .pipe(z.number().min(1, LIMIT).max(1000, LIMIT))
    .default(100)
    .meta({ description: 'Entries per page, 1 to 1000; a page of large ones has fewer.' }),
  order,
});
export type ListParameters = z.output<typeof listParameters>;

export const exportParameters = z.strictObject({
  format: z
    .enum(['jsonl', 'csv'], { error: 'must be jsonl (one JSON object a line) or csv (RFC 4180)' })
    .meta({ description: 'jsonl: one JSON object a line; csv: RFC 4180.' }),
  ...filters,
  order,
});
export type ExportParameters = z.output<typeof exportParameters>;

/**
 * Reads query parameters.
 * @throws Problem `invalid-parameter` that names the parameter and says what to change.
 */
export function readParameters<S extends z.ZodObject>(schema: S, query: unknown): z.output<S> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  throw problemOf(parsed.error.issues[0], query, Object.keys(schema.shape));
}

function problemOf(issue: z.core.$ZodIssue | undefined, query: unknown, known: readonly string[]): Problem {
  if (issue?.code === 'unrecognized_keys') {
    const [unknownName = ''] = issue.keys;
    return problems.invalidParameter(
      `There is no parameter ${JSON.stringify(unknownName.slice(0, 100))} here: use ${known.join(', ')}`,
      unknownName.slice(0, 100),
    );
  }
  const name = String(issue?.path[0] ?? '');
  const value: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, name) : undefined;
  if (value === undefined) return problems.invalidParameter(`${name} is missing: it ${issue?.message}`, name);
  if (typeof value !== 'string') {
    return problems.invalidParameter(`${name} is given more than once: give it once`, name);
  }
  return problems.invalidParameter(`${name} ${issue?.message}`, name);
}

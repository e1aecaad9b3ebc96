import { z } from 'zod';

const count = (what: string, most = Number.MAX_SAFE_INTEGER) => {
  const range = `must be a whole number from 0 to ${most}`;
  return z
    .string()
    .regex(/^(?:0|[1-9]\d{0,15})$/, range)
    .transform(Number)
    .pipe(z.number().max(most, range))
    .meta({ description: what });
};

const log = count('Partition of mpc.events.', 999_999_999).default(0);
const size = count('Leaves that the tree has at least; by default the newest checkpoint counts.').optional();
const eventId = z
  .string()
  .regex(/^[\x21-\x7e]{1,400}$/, 'must be 1 to 400 printable characters without spaces')
  .meta({ description: 'An event id; the first entry that has it counts.' });

export const checkpointParameters = z.strictObject({ log });

export const inclusionParameters = z.strictObject({
  eventId: eventId.optional(),
  log,
  index: count('Index of the entry, instead of its event id.').optional(),
  size,
});

export const bundleParameters = z.strictObject({
  eventId: eventId.optional(),
  log,
  index: count('Index of the entry, instead of its event id.').optional(),
});

export const consistencyParameters = z.strictObject({
  log,
  from: count('Leaves of the older tree.'),
  to: count('Leaves that the newer tree has at least; by default the newest checkpoint counts.').optional(),
});

import { kid } from '@quorate/platform';
import { z } from 'zod';

const kids = z.array(kid, { error: 'expected a list of names' });

/** A deployment as a JSON file describes it: who takes part by kid, and how its topics are kept. */
export const deploymentFile = z.strictObject({
  /** Three brokers, two in sync, or one for development. */
  brokers: z.union([z.literal(1), z.literal(3)], { error: 'expected 1 or 3' }).default(3),
  /** TOPIC_PREFIX */
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9._-]{0,60}$/, 'expected up to 60 letters, digits, dots, dashes')
    .default(''),
  ...{ nodes: kids, coordinators: kids, submitters: kids, auditors: kids },
  operators: kids.default([]),
  clients: kids.default([]),
  /** Who has left: their rights and logins are removed. */
  former: kids.default([]),
});

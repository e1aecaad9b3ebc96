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
  /** How many nodes sign together, where nothing else is asked for. */
  threshold: z.int({ error: 'expected a whole number' }).min(2, 'expected at least 2').optional(),
  /** The chain of the clients' transactions. */
  chainId: z
    .string({ error: 'expected a decimal chain id' })
    .regex(/^[1-9]\d{0,19}$/, 'expected a decimal chain id')
    .optional(),
  /** More names that the services are reached under, in their certificates. */
  hosts: z
    .array(z.string().regex(/^[A-Za-z0-9.-]{1,253}$/, 'expected host names or IPv4 addresses'))
    .optional(),
  /** HOST:PORT of Postgres, as the services reach it. */
  postgres: z
    .string()
    .regex(/^[A-Za-z0-9.-]+:\d{1,5}$/, 'expected HOST:PORT')
    .optional(),
});
export type DeploymentFile = z.output<typeof deploymentFile>;

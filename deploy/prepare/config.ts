import { kafkaConfig, list } from '@quorate/platform';
import { z } from 'zod';

/** What the program that prepares Kafka and Postgres for a deployment is told. */
export const prepareConfig = z.object({
  /** Where KAFKA_SASL_USERNAME is not set, the listener that takes certificates: the folder has that of the administrator. */
  ...kafkaConfig.shape,
  /** Where users log in; default: KAFKA_BROKERS. */
  KAFKA_CLIENTS_BROKERS: list('a comma-separated list of host:port').optional(),
  /** A role that may create roles and databases; default: the superuser of the folder. */
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'expected a URL that begins with postgres://')
    .optional(),
  DEPLOYMENT_FOLDER: z.string().default('/etc/quorate/deployment'),
});
export type PrepareConfig = z.output<typeof prepareConfig>;

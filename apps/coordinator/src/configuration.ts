import {
  databaseConfig,
  grpcTlsConfig,
  httpConfig,
  identityConfig,
  kafkaConfig,
  logConfig,
  port,
  required,
} from '@quorate/platform';
import { z } from 'zod';

const count = (fallback: number) =>
  z.coerce.number({ error: 'expected a number' }).int('expected a whole number').min(0).default(fallback);

/** The coordinator's environment (interfaces.md, configuration). */
export const coordinatorConfig = z.object({
  ...kafkaConfig.shape,
  ...databaseConfig.shape,
  ...identityConfig.shape,
  ...httpConfig.shape,
  ...logConfig.shape,
  ...grpcTlsConfig.shape,
  SERVICE_ID: required('the id of this coordinator, for example coordinator-1'),
  REQUESTERS_FILE: required('the path of the requesters file'),
  GRPC_PORT: port(50051),
  GRPC_HOST: z.string().default('127.0.0.1'),
  /** Presignatures to keep per key and committee. */
  STOCK_TARGET: count(64),
  /** How long a request is tried at most, in ms. */
  REQUEST_DEADLINE_MS: count(300_000),
  /** Hours after which a key gets new shares; 0: only on command. */
  KEY_REFRESH_INTERVAL_HOURS: z.coerce.number({ error: 'expected a number of hours' }).min(0).default(24),
});

export type CoordinatorConfig = z.output<typeof coordinatorConfig>;

import {
  databaseConfig,
  httpConfig,
  identityConfig,
  kafkaConfig,
  logConfig,
  port,
  serviceId,
} from '@quorate/platform';
import { z } from 'zod';

/** The auditor's environment. */
export const auditorConfig = z.object({
  SERVICE_ID: serviceId('auditor'),
  ...kafkaConfig.shape,
  ...databaseConfig.shape,
  ...identityConfig.shape,
  ...httpConfig.shape,
  ...logConfig.shape,
  HTTP_PORT: port(8083),
  /** What the names of the logs begin with, a URL without its scheme; `/log/0` follows. */
  LOG_ORIGIN: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9.:/_-]{0,200}$/,
      'expected a URL without its scheme, for example audit.example.com',
    )
    .default('quorate.local/auditor'),
});
export type AuditorConfig = z.output<typeof auditorConfig>;

export const AUDITOR_CONFIG = Symbol('AUDITOR_CONFIG');

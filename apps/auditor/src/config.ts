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
});
export type AuditorConfig = z.output<typeof auditorConfig>;

export const AUDITOR_CONFIG = Symbol('AUDITOR_CONFIG');

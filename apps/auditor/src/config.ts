import {
  databaseConfig,
  httpApiConfig,
  identityConfig,
  kafkaConfig,
  list,
  logConfig,
  port,
  serviceId,
  tokensBeyondLoopback,
} from '@quorate/platform';
import { ED25519_COSIGNATURE, Malformed, parseVerifierKey } from '@quorate/transparency-log';
import { z } from 'zod';

const witnessKey = z.string().transform((text, context) => {
  try {
    const key = parseVerifierKey(text);
    if (key.type === ED25519_COSIGNATURE) return key;
    context.addIssue('expected keys of type 4, which cosign');
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    context.addIssue(error.message);
  }
  return z.NEVER;
});

/** The auditor's environment. */
const settings = z.object({
  SERVICE_ID: serviceId('auditor'),
  ...kafkaConfig.shape,
  ...databaseConfig.shape,
  ...identityConfig.shape,
  ...httpApiConfig.shape,
  ...logConfig.shape,
  HTTP_PORT: port(8083),
  HTTP_EXPORTS_AT_ONCE: z.coerce
    .number({ error: 'expected how many exports may run at once, 1 to 100' })
    .int('expected a whole number of exports')
    .min(1, 'expected 1 export or more')
    .max(100, 'expected at most 100 exports')
    .default(8),
  /** The keys of witnesses whose cosignatures are kept, NAME+ID+KEY of type 4 (C2SP tlog-cosignature). */
  WITNESSES: list('comma-separated verifier keys of witnesses, NAME+ID+KEY')
    .pipe(z.array(witnessKey))
    .default([]),
  /** The id of mpc.events after it was restored from a copy, which the auditor named when it refused it. */
  RESTORED_TOPIC_ID: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'expected the id of a topic, 32 hexadecimal digits, as the auditor names it')
    .optional(),
  /** What the names of the logs begin with, a URL without its scheme; `/log/0` follows. */
  LOG_ORIGIN: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9.:/_-]{0,200}$/,
      'expected a URL without its scheme, for example audit.example.com',
    )
    .default('quorate.local/auditor'),
});
export const auditorConfig = tokensBeyondLoopback(settings);
export type AuditorConfig = z.output<typeof auditorConfig>;

export const AUDITOR_CONFIG = Symbol('AUDITOR_CONFIG');

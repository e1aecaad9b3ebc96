import { z } from 'zod';
import { Secret } from '../secret/secret';
import { isLoopback } from './loopback';

/** A required variable; `expected` is what the user reads when it is missing. */
export function required(expected: string): z.ZodString {
  return z.string({ error: `expected ${expected}` });
}

/** A TCP port number, 0 to 65535 (0 lets the system choose). */
export function port(fallback?: number) {
  const number = z.coerce
    .number({ error: 'expected a port number' })
    .int('expected a port number')
    .min(0, 'expected a port number')
    .max(65535, 'expected a port number up to 65535');
  return fallback === undefined ? number : number.default(fallback);
}

/** A comma-separated list with at least one entry. */
export function list(expected: string) {
  return required(expected)
    .transform((text) => text.split(',').map((part) => part.trim()))
    .refine((parts) => parts.every((part) => part !== ''), { error: `expected ${expected}` });
}

const secret = z.string().transform((text) => new Secret(text));

export const kafkaConfig = z.object({
  KAFKA_BROKERS: list('a comma-separated list of host:port, for example 127.0.0.1:9092').refine(
    (brokers) => brokers.every((broker) => /^.+:\d{1,5}$/.test(broker)),
    { error: 'expected host:port for every broker, for example 127.0.0.1:9092' },
  ),
  KAFKA_SSL_CA: z.string().optional(),
  KAFKA_SASL_USERNAME: z.string().optional(),
  KAFKA_SASL_PASSWORD: secret.optional(),
  TOPIC_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9._-]{0,60}$/, 'expected up to 60 letters, digits, dots, dashes')
    .default(''),
});
export type KafkaConfig = z.output<typeof kafkaConfig>;

const postgresUrl = required('a Postgres URL, for example postgres://user:password@127.0.0.1:5432/quorate')
  .regex(/^postgres(ql)?:\/\//, 'expected a URL that begins with postgres://')
  .transform((text) => new Secret(text));

export const databaseConfig = z.object({
  DATABASE_URL: postgresUrl,
  /** The role that owns the tables, when that of DATABASE_URL only works on them. */
  DATABASE_MIGRATION_URL: postgresUrl.optional(),
});
export type DatabaseConfig = z.output<typeof databaseConfig>;

export const identityConfig = z.object({
  IDENTITY_KEY_FILE: required("the path of this service's Ed25519 private key (PKCS#8 PEM)"),
  PEERS_FILE: required('the path of the JSON file with the identities of all services'),
});
export type IdentityConfig = z.output<typeof identityConfig>;

export const httpConfig = z.object({
  HTTP_PORT: port(),
  HTTP_HOST: z.string().default('127.0.0.1'),
});
export type HttpConfig = z.output<typeof httpConfig>;

/** Of services with an HTTP API, beside health and metrics. */
export const httpApiConfig = z.object({
  ...httpConfig.shape,
  /** The JSON file with who may call; without it everybody on this machine may, and nobody else. */
  HTTP_TOKENS_FILE: z.string().optional(),
  HTTP_CALLS_PER_SECOND: z.coerce
    .number({ error: 'expected how many calls a second each token may make' })
    .int('expected a whole number of calls')
    .min(1, 'expected at least 1 call a second')
    .default(1_000),
});
export type HttpApiConfig = z.output<typeof httpApiConfig>;

/** The schema of a service's settings, with the rule that an API which others can reach needs tokens. */
export function tokensBeyondLoopback<S extends z.ZodType<HttpApiConfig>>(schema: S): S {
  return schema.refine(
    ({ HTTP_HOST, HTTP_TOKENS_FILE }) => HTTP_TOKENS_FILE !== undefined || isLoopback(HTTP_HOST),
    {
      path: ['HTTP_HOST'],
      error:
        'others can reach the service there, and without HTTP_TOKENS_FILE they need no token: set it, or use 127.0.0.1',
    },
  );
}

export const tracingConfig = z.object({
  /** The OpenTelemetry collector, for example http://127.0.0.1:4318; without it nothing is traced. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .regex(/^https?:\/\//, 'expected a URL that begins with http:// or https://')
    .optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number({ error: 'expected which part of the requests is traced, 0 to 1' })
    .min(0, 'expected at least 0')
    .max(1, 'expected at most 1')
    .default(1),
  TRACE_CLIENTS: z.enum(['sample', 'follow'], { error: 'expected sample or follow' }).default('sample'),
});
export type TracingConfig = z.output<typeof tracingConfig>;

/** What a process tells its operator. */
export const logConfig = z.object({
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
      error: 'expected one of fatal, error, warn, info, debug, trace, silent',
    })
    .default('info'),
  ...tracingConfig.shape,
});
export type LogConfig = z.output<typeof logConfig>;

export const grpcTlsConfig = z.object({
  GRPC_CA_FILE: required('the path of the certificate authority (PEM)'),
  GRPC_CERT_FILE: required("the path of this service's certificate (PEM)"),
  GRPC_KEY_FILE: required("the path of this service's certificate key (PEM)"),
});
export type GrpcTlsConfig = z.output<typeof grpcTlsConfig>;

/** SERVICE_ID: the name of this process in identities, records and logs. */
export function serviceId(fallback: string) {
  return z
    .string()
    .regex(/^[A-Za-z0-9_.:-]{1,100}$/, 'expected 1 to 100 of A-Z a-z 0-9 _ . : -')
    .default(fallback);
}

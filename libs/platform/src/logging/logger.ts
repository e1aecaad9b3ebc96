import { pino, type DestinationStream, type Logger } from 'pino';
import { QuorateError } from '../errors/errors';

export type { Logger };

/** Injection token of the process's logger. */
export const LOGGER = Symbol('LOGGER');

const SECRET_KEYS = [
  'password',
  'KAFKA_SASL_PASSWORD',
  'DATABASE_URL',
  'DATABASE_MIGRATION_URL',
  'secret',
  'token',
  'authorization',
  'privateKey',
  'sealKey',
  'seed',
  'share',
  'shares',
];

/**
 * JSON logger on stdout: one object a line with `time` (RFC 3339), `level`, `service`, `msg`.
 * Values under secret-looking keys, down to the third level, are replaced by `[secret]`. A line about one request or intent
 * has its id as `correlationId`, as events have.
 */
export function createLogger(service: string, level = 'info', destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }), log: withCorrelationId },
    serializers: { err: describeError, error: describeError },
    redact: {
      paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
      censor: '[secret]',
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

function withCorrelationId(fields: Record<string, unknown>): Record<string, unknown> {
  const { correlationId = fields['intentId'] ?? fields['requestId'] } = fields;
  return correlationId === undefined ? fields : { ...fields, correlationId };
}

/** Chosen fields only: driver errors carry query parameters, which may be secrets. */
function describeError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  return {
    type: thrown.name,
    message: thrown.message,
    stack: thrown.stack,
    ...(thrown instanceof QuorateError
      ? { kind: thrown.kind, code: thrown.code, details: thrown.details }
      : {}),
    ...(thrown.cause === undefined ? {} : { cause: describeError(thrown.cause) }),
  };
}

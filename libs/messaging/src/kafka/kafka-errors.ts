import { Fatal, Invalid, QuorateError, Unavailable } from '@quorate/platform';
import {
  KafkaJSConnectionError,
  KafkaJSError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
  KafkaJSSASLAuthenticationError,
} from 'kafkajs';

/** Answers of a broker that concern the record itself: it will never be taken. */
const REFUSED_RECORDS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'CORRUPT_MESSAGE',
]);

/** What Node says of a certificate that the authorities do not vouch for (X509_V_ERR_* of OpenSSL, and its own). */
const UNTRUSTED_CERTIFICATES = new Set([
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** The innermost error: kafkajs wraps what it retried in vain. */
function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}

/**
 * A kafkajs error in the project's taxonomy: Unavailable where trying again can help.
 * @param purpose what was attempted, such as "to write to mpc.finals": said where Kafka does not allow it
 */
export function fromKafkaError(thrown: unknown, purpose?: string): QuorateError {
  if (thrown instanceof QuorateError) return thrown;
  if (!(thrown instanceof Error)) return new Fatal('kafka', String(thrown));
  const cause = rootCause(thrown);
  const options = { cause: thrown };
  if (cause instanceof KafkaJSProtocolError && REFUSED_RECORDS.has(cause.type)) {
    return new Invalid('record-refused', `Kafka refuses the record: ${cause.message}`, options);
  }
  const refusal = securityRefusal(cause, purpose);
  if (refusal !== undefined) return new Fatal(refusal.code, refusal.message, options);
  const retriable =
    thrown instanceof KafkaJSNumberOfRetriesExceeded || !(cause instanceof KafkaJSError) || cause.retriable;
  return retriable
    ? new Unavailable('kafka', `Kafka is not available: ${cause.message}`, options)
    : new Fatal('kafka', `Kafka refuses: ${cause.message}`, options);
}

/** Why Kafka will go on refusing until somebody changes a setting, and which; undefined for everything else. */
function securityRefusal(cause: Error, purpose?: string): { code: string; message: string } | undefined {
  if (cause instanceof KafkaJSSASLAuthenticationError) {
    const remedy = 'check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (or its file)';
    return { code: 'kafka-login', message: `Kafka refuses the login: ${cause.message}; ${remedy}` };
  }
  if (cause instanceof KafkaJSConnectionError && UNTRUSTED_CERTIFICATES.has(codeOf(cause))) {
    const remedy =
      'set KAFKA_SSL_CA to the authority that issued it, and KAFKA_BROKERS to a name that it holds';
    return {
      code: 'kafka-certificate',
      message: `the certificate of Kafka is not trusted: ${cause.message}; ${remedy}`,
    };
  }
  if (cause instanceof KafkaJSProtocolError && cause.type.endsWith('_AUTHORIZATION_FAILED')) {
    const remedy = 'give its user the access rules of docs/security.md (Kafka)';
    return {
      code: 'kafka-access',
      message: `Kafka does not allow this process ${purpose ?? 'what it asks for'}: ${cause.message}; ${remedy}`,
    };
  }
  return undefined;
}

/** Node's code of a broken connection, which the types of kafkajs leave out. */
function codeOf(error: KafkaJSConnectionError): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

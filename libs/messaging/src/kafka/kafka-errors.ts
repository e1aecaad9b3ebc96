import { Fatal, Invalid, QuorateError, Unavailable } from '@quorate/platform';
import { KafkaJSError, KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError } from 'kafkajs';

/** Answers of a broker that concern the record itself: it will never be taken. */
const REFUSED_RECORDS = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'CORRUPT_MESSAGE',
]);

/** The innermost error: kafkajs wraps what it retried in vain. */
function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}

/** A kafkajs error in the project's taxonomy: Unavailable where trying again can help. */
export function fromKafkaError(thrown: unknown): QuorateError {
  if (thrown instanceof QuorateError) return thrown;
  if (!(thrown instanceof Error)) return new Fatal('kafka', String(thrown));
  const cause = rootCause(thrown);
  const options = { cause: thrown };
  if (cause instanceof KafkaJSProtocolError && REFUSED_RECORDS.has(cause.type)) {
    return new Invalid('record-refused', `Kafka refuses the record: ${cause.message}`, options);
  }
  const retriable =
    thrown instanceof KafkaJSNumberOfRetriesExceeded || !(cause instanceof KafkaJSError) || cause.retriable;
  return retriable
    ? new Unavailable('kafka', `Kafka is not available: ${cause.message}`, options)
    : new Fatal('kafka', `Kafka refuses: ${cause.message}`, options);
}

import { Conflict, Fatal, Invalid, QuorateError, Unavailable } from '@quorate/platform';
import { StatementSkipped } from './pipeline';

/** SQLSTATE classes after which the same statement may succeed: connection, resources, operator, rollback. */
const RETRIED_CLASSES = new Set(['08', '53', '57', '58', '40']);
const RETRIED_STATES = new Set(['55P03', '25P03', '25P04']);
/** Classes that a value can cause: data, constraints, and what is wrong with the statement's limits. */
const DATA_CLASSES = new Set(['21', '22', '23', '54', 'P0']);

/**
 * An error of node-postgres in the project's taxonomy. Without an SQLSTATE it is the connection's: Unavailable.
 * A statement that was skipped failed for the reason of the one before it.
 * A taken (stream, position) is Conflict `version`, another unique value Conflict `unique`, other data Invalid.
 */
export function fromDatabaseError(thrown: unknown): QuorateError {
  if (thrown instanceof StatementSkipped) return fromDatabaseError(thrown.failure);
  if (thrown instanceof QuorateError) return thrown;
  if (!(thrown instanceof Error)) return new Fatal('database', String(thrown));
  if (thrown instanceof TypeError)
    return new Invalid('database', `A value cannot be sent: ${thrown.message}`, { cause: thrown });
  const state = textProperty(thrown, 'code');
  const constraint = textProperty(thrown, 'constraint');
  const options = { cause: thrown, details: { state, constraint } };
  if (state === undefined || !/^[0-9A-Z]{5}$/.test(state)) {
    return new Unavailable('database', `Postgres is not available: ${thrown.message}`, options);
  }
  const group = state.slice(0, 2);
  if (RETRIED_CLASSES.has(group) || RETRIED_STATES.has(state)) {
    return new Unavailable('database', `Postgres asks to try again: ${thrown.message}`, options);
  }
  if (constraint === 'event_pkey' || isMissingPosition(thrown))
    return new Conflict('version', 'The stream has another version', options);
  if (state === '23505') return new Conflict('unique', thrown.message, options);
  if (DATA_CLASSES.has(group)) return new Invalid('database', thrown.message, options);
  return new Fatal('database', thrown.message, options);
}

/** An event whose stream does not end where the transaction expected it gets no position. */
function isMissingPosition(error: Error): boolean {
  return (
    textProperty(error, 'code') === '23502' &&
    textProperty(error, 'table') === 'event' &&
    textProperty(error, 'column') === 'position'
  );
}

function textProperty(error: Error, name: string): string | undefined {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}

/** Whether Postgres itself said that the transaction is rolled back, so that nobody has to find out. */
export function isRolledBack(error: QuorateError): boolean {
  const state = error.details?.['state'];
  return typeof state === 'string' && state.startsWith('40');
}

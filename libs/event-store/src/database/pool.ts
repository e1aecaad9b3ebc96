import { type StructuredLogger } from '@quorate/messaging';
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { fromDatabaseError } from './database-errors';

/**
 * Statements are planned once, whatever their parameters: they find their rows by index, also while a table is so small,
 * or so new to the statistics, that reading all of it would look cheaper.
 */
const PLANNING = ['plan_cache_mode=force_generic_plan', 'enable_seqscan=off'];

interface PoolOptions {
  size: number;
  /** False: COMMIT does not wait for the disk. */
  durable: boolean;
  /** After which an idle transaction ends, so that a hung handler does not hold locks for ever. */
  idleTransactionMs: number;
}

/** A pool whose connections pipeline: statements that do not wait for each other travel in one round trip. */
export function connectPool(
  url: string,
  { size, durable, idleTransactionMs }: PoolOptions,
  logger: StructuredLogger,
): Pool {
  const config: PoolConfig & { pipeline: boolean } = {
    connectionString: url,
    max: size,
    pipeline: true,
    keepAlive: true,
    // A new connection costs both sides milliseconds (SCRAM): the first request after a pause would pay them.
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 5000,
    idle_in_transaction_session_timeout: idleTransactionMs,
    application_name: 'quorate',
    options: [...PLANNING, ...(durable ? [] : ['synchronous_commit=off'])]
      .map((set) => `-c ${set}`)
      .join(' '),
  };
  const pool = new Pool(config);
  const lost = (error: Error) => logger.warn({ reason: error.message }, 'Postgres connection lost');
  pool.on('error', lost);
  // The pool listens only while a connection is idle; the statement in progress fails of its own.
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
}

/** A connection of the pool; throws Unavailable. */
export async function takeConnection(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw fromDatabaseError(error);
  }
}

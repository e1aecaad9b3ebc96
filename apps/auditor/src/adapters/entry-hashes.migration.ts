import { type MigrationInterface, type QueryRunner } from 'typeorm';

/** The types of events that are found by a hash or address in them: of each thing, the event that names it first or best. */
const TYPES = [
  ...['tx.requested', 'tx.nonce-reserved', 'tx.signed', 'tx.included'],
  ...['sign.completed', 'sign.rejected', 'key.generated', 'presign.stocked'],
].map((type) => `'quorate.${type}.v1'`);

const HAS_HASHES = `verified AND type IN (${TYPES.join(', ')})`;

/**
 * Finds events by what they name: hashes of transactions, requests and blocks, digests, addresses, public keys. A pattern
 * and no JSON parser: what a service signed can never make an append fail (a number may be too large for Postgres).
 */
export class EntryHashes1790000000000 implements MigrationInterface {
  readonly name = 'EntryHashes1790000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE FUNCTION audit_entry_hashes(value bytea) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_agg(DISTINCT lower(found[1]))
        FROM regexp_matches(convert_from(value, 'UTF8'), '"(0x(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64,200}))"', 'g') AS found
      $$;
      CREATE INDEX audit_entry_by_hash ON audit_entry USING gin (audit_entry_hashes(value)) WHERE ${HAS_HASHES};
    `);
  }

  /** Refused: the tables of an audit log are not taken back. */
  down(): Promise<void> {
    return Promise.reject(new Error('the audit log is never taken back to an earlier form'));
  }
}

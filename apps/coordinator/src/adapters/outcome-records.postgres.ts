import { type StoreTransaction } from '@quorate/event-store';
import { type OutgoingRecord } from '@quorate/messaging';
import { type RecordSigner, signedAgain } from '@quorate/protocol';
import { type Outcome, outcomeKey, type OutcomeRecords } from '../ports/outcome-records.port';

interface OutcomeRow {
  stream_id: string;
  request_hash: string;
  key: string;
  value: Buffer;
  headers: Record<string, string>;
}

export class PostgresOutcomeRecords implements OutcomeRecords {
  /**
   * @param topic mpc.finals with the prefix of this deployment
   * @param signer of this coordinator
   */
  constructor(
    private readonly topic: string,
    private readonly signer: RecordSigner,
  ) {}

  async find(tx: StoreTransaction, streamIds: readonly string[]): Promise<Map<string, OutgoingRecord>> {
    if (streamIds.length === 0) return new Map();
    const rows = await tx.query<OutcomeRow>('SELECT * FROM outcome WHERE stream_id = ANY($1)', [streamIds]);
    return new Map(
      rows.map(({ stream_id, request_hash, key, value, headers }) => [
        outcomeKey(stream_id, request_hash),
        signedAgain({ topic: this.topic, key, value, headers }, 'final', this.signer),
      ]),
    );
  }

  add(tx: StoreTransaction, outcomes: readonly Outcome[]): void {
    if (outcomes.length === 0) return;
    const values = outcomes.map(({ record }) => record.value ?? Buffer.alloc(0));
    let end = 0;
    // One run of bytes: an array of bytea would be sent in hex.
    tx.write(
      `INSERT INTO outcome (stream_id, request_hash, key, value, headers)
       SELECT stream_id, request_hash, key, substring($4::bytea FROM start FOR length), headers
       FROM unnest($1::text[], $2::text[], $3::text[], $5::int[], $6::int[], $7::jsonb[])
         AS n (stream_id, request_hash, key, start, length, headers)`,
      [
        outcomes.map((outcome) => outcome.streamId),
        outcomes.map((outcome) => outcome.requestHash),
        outcomes.map((outcome) => String(outcome.record.key)),
        Buffer.concat(values),
        values.map(({ length }) => (end += length) - length + 1),
        values.map(({ length }) => length),
        outcomes.map((outcome) => JSON.stringify(textHeaders(outcome.record))),
      ],
    );
  }
}

function textHeaders(record: OutgoingRecord): Record<string, string> {
  return Object.fromEntries(Object.entries(record.headers).map(([name, value]) => [name, value.toString()]));
}

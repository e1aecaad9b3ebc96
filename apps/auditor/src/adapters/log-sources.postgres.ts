import { type EventStore, type StoreTransaction } from '@quorate/event-store';
import { type LogSources } from '../ports/log-sources.port';

/** The table log_source. */
export class PostgresLogSources implements LogSources {
  constructor(private readonly store: EventStore) {}

  topicsOf(log: number): Promise<string[]> {
    return this.store.transaction(
      async (tx) => {
        const sql = 'SELECT topic_id AS id FROM log_source WHERE log = $1';
        return (await tx.query<{ id: string }>(sql, [log])).map(({ id }) => id);
      },
      { durable: false },
    );
  }

  note(tx: StoreTransaction, log: number, topicId: string): void {
    tx.write('INSERT INTO log_source (log, topic_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [log, topicId]);
  }
}

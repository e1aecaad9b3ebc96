import { type StoreTransaction } from '@quorate/event-store';
import { type SignPartial, type SignRefused } from '@quorate/protocol';
import { type Answer, type AnswerRecords } from '../ports/answer-records.port';

interface AnswerRow {
  stream_id: string;
  attempt: number;
  node: string;
  data: SignPartial | SignRefused;
}

const COLUMNS = 'stream_id, attempt, node, data';

export class PostgresAnswerRecords implements AnswerRecords {
  /** A node's refusal gives way to its later partial, never the other way round. */
  async add(tx: StoreTransaction, answers: readonly Answer[]): Promise<Answer[]> {
    const unique = [...new Map(answers.map((answer) => [idOf(answer), answer])).values()];
    if (unique.length === 0) return [];
    const rows = await tx.query<AnswerRow>(
      `WITH given AS (
         SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::jsonb[]) AS given (${COLUMNS})
       ), added AS (
         INSERT INTO answer (${COLUMNS}) SELECT * FROM given
         ON CONFLICT (stream_id, attempt, node) DO UPDATE SET data = excluded.data
           WHERE answer.data->>'type' = 'quorate.sign.refused.v1'
         RETURNING ${COLUMNS}
       )
       SELECT * FROM added
       UNION ALL
       SELECT ${COLUMNS} FROM answer a WHERE a.stream_id = ANY($1)
         AND NOT EXISTS (SELECT FROM added n WHERE (n.stream_id, n.attempt, n.node) = (a.stream_id, a.attempt, a.node))`,
      [
        unique.map((answer) => answer.streamId),
        unique.map((answer) => answer.attempt),
        unique.map((answer) => answer.node),
        unique.map((answer) => JSON.stringify(answer.data)),
      ],
    );
    return rows.map(answerOf);
  }

  async ofRequest(tx: StoreTransaction, streamId: string): Promise<Answer[]> {
    const rows = await tx.query<AnswerRow>(`SELECT ${COLUMNS} FROM answer WHERE stream_id = $1`, [streamId]);
    return rows.map(answerOf);
  }

  forget(tx: StoreTransaction, streamIds: readonly string[]): void {
    if (streamIds.length > 0) tx.write('DELETE FROM answer WHERE stream_id = ANY($1)', [streamIds]);
  }
}

function idOf({ streamId, attempt, node }: Answer): string {
  return `${streamId} ${attempt} ${node}`;
}

function answerOf({ stream_id: streamId, attempt, node, data }: AnswerRow): Answer {
  return { streamId, attempt, node, data };
}

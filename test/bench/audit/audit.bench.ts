/** What the auditor does on this machine, with a log of as many entries as asked. */
import { Client } from 'pg';
import { withAuditStack } from './audit-stack';
import { type WrittenLoad, writeEvents } from './event-load';
import { type ExportResult, measureExport } from './export-memory';
import { type IntakeResult, measureIntake } from './intake-rate';
import { measureProofs, type ProofResult } from './proof-times';
import { measureQueries, type QueryResult } from './query-times';

export interface AuditParameters {
  readonly events: number;
  /** A folder for a CPU profile of the auditor. */
  readonly profile: string | undefined;
}

export interface AuditResult {
  readonly load: WrittenLoad;
  readonly intake: IntakeResult;
  readonly proofs: ProofResult;
  readonly queries: readonly QueryResult[];
  readonly exports: readonly ExportResult[];
}

const EVENT_IDS = 2_100;

/** Fills the topic, then lets the auditor take it in, then asks it. */
export function benchAudit({ events, profile }: AuditParameters): Promise<AuditResult> {
  return withAuditStack(profile, async (stack) => {
    const database = new Client({ connectionString: stack.ownerUrl });
    await database.connect();
    try {
      const load = await writeEvents(stack.producer, events);
      const intake = await measureIntake(stack, database, events);
      const { rows } = await database.query<{ id: string }>(
        'SELECT event_id AS id FROM audit_entry WHERE index = ANY($1::bigint[])',
        [Array.from({ length: EVENT_IDS }, () => Math.floor(Math.random() * events))],
      );
      const eventIds = rows.map(({ id }) => id);
      return {
        ...{ load, intake },
        proofs: await measureProofs(stack, events, eventIds),
        queries: await measureQueries(stack, load),
        exports: [await measureExport(stack, 'jsonl'), await measureExport(stack, 'csv')],
      };
    } finally {
      await database.end();
    }
  });
}

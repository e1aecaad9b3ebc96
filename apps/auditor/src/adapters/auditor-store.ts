import { createEventStore, type EventStore } from '@quorate/event-store';
import { type StructuredLogger } from '@quorate/messaging';
import { Fatal } from '@quorate/platform';
import { AUDITOR_MIGRATIONS } from './auditor-migrations';

/** What nobody changes: not even the auditor may. */
export const LOG_TABLES = [
  ...['audit_entry', 'audit_entry_hash', 'audit_time_block', 'log_source'],
  ...['tree_node', 'checkpoint', 'cosignature'],
];

export interface AuditorDatabase {
  /** Of the role that the auditor works with. */
  readonly url: string;
  /** Of the role that owns the tables, when that is another one. */
  readonly migrationUrl?: string | undefined;
}

/** Opens the database of an audit log, and brings it up to date. @throws Fatal when it refuses. */
export function openAuditorStore(database: AuditorDatabase, logger: StructuredLogger): Promise<EventStore> {
  return createEventStore({
    ...database,
    appendOnly: LOG_TABLES,
    migrations: AUDITOR_MIGRATIONS,
    encodeEvent: ({ type }) => {
      throw new Fatal('auditor', `the auditor only reads events, it does not write ${type}`);
    },
    logger,
  });
}

import { createEventStore, type EventStore } from '@quorate/event-store';
import { type StructuredLogger } from '@quorate/messaging';
import { Fatal } from '@quorate/platform';
import { AUDITOR_MIGRATIONS } from './auditor-migrations';

/** Opens the database of an audit log, and brings it up to date. @throws Fatal when it refuses. */
export function openAuditorStore(url: string, logger: StructuredLogger): Promise<EventStore> {
  return createEventStore({
    url,
    migrations: AUDITOR_MIGRATIONS,
    encodeEvent: ({ type }) => {
      throw new Fatal('auditor', `the auditor only reads events, it does not write ${type}`);
    },
    logger,
  });
}

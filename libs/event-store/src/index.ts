export { fromDatabaseError } from './database/database-errors';
export { waitForDatabase } from './database/wait-for-database';
export * from './event';
export * from './event-store';
export { DeferredInbox, type DeferredInboxOptions } from './inbox/deferred-inbox';
export { InboxFenced } from './inbox/inbox-fenced';
export { type MigrationClass } from './migrations/migrate';
export { type DispatcherListener } from './outbox/dispatcher';
export { createEventStore } from './postgres-event-store';

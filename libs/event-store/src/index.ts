export * from './event';
export {
  createEventStore,
  type DispatcherListener,
  type DueRow,
  type EventStore,
  type EventStoreOptions,
  type PoisonHandler,
  type Row,
  type StoreTransaction,
} from './event-store';

import {
  memoryMessageLog,
  type MessageLog,
  type OutgoingRecord,
  recordsOf,
  silentLogger,
} from '@quorate/messaging';
import { type MigrationInterface, type QueryRunner } from 'typeorm';
import { type EncodableEvent } from '../event';
import { type EventStore, type EventStoreOptions } from '../event-store';
import { createEventStore } from '../postgres-event-store';

/** A table of a service, for what handlers do besides events. */
export class CreateSeen1800000000000 implements MigrationInterface {
  readonly name = 'CreateSeen1800000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE TABLE seen (n bigserial PRIMARY KEY, text text NOT NULL)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE seen');
  }
}

/** The record that `encodeEvent` of a service would sign. */
export function encodeTestEvent(event: EncodableEvent): OutgoingRecord {
  const { data, occurredAt, ...common } = event;
  const value = Buffer.from(JSON.stringify({ ...common, occurredAt: occurredAt.toISOString(), ...data }));
  return { topic: 'events', key: event.streamId, value, headers: { jws: `jws-of-${event.eventId}` } };
}

export function openTestStore(url: string, options: Partial<EventStoreOptions> = {}): Promise<EventStore> {
  return createEventStore({
    url,
    migrations: [CreateSeen1800000000000],
    encodeEvent: encodeTestEvent,
    logger: silentLogger,
    ...options,
  });
}

/** What a topic of an in-memory log holds, as JSON values. */
export async function topicValues(log: MessageLog, topic: string): Promise<Record<string, unknown>[]> {
  const values: Record<string, unknown>[] = [];
  const running = await log.subscribe({
    topic,
    group: `reader-${Math.random()}`,
    start: 'earliest',
    handle: (batches) => {
      for (const { value } of recordsOf(batches)) values.push(parse(value));
      return Promise.resolve();
    },
  });
  await running.caughtUp();
  await running.stop();
  return values;
}

function parse(value: Buffer | null): Record<string, unknown> {
  const parsed: unknown = JSON.parse(value?.toString() ?? '{}');
  return typeof parsed === 'object' && parsed !== null ? Object.fromEntries(Object.entries(parsed)) : {};
}

export { memoryMessageLog };

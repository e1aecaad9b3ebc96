import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Call, type CallRecord, problems } from '@quorate/platform';
import { isId } from '@quorate/protocol';
import { AUDIT_LOG, type AuditLog } from '../ports/audit-log.port';
import { decodeCursor, encodeCursor } from './cursor';
import { type EventView, eventView } from './event-view';
import { eventFilter } from './event-filter';
import { listParameters, readParameters, storyParameters } from './query-parameters';
import { storyOrder } from './story';

@Controller('v1')
export class EventsController {
  constructor(@Inject(AUDIT_LOG) private readonly log: AuditLog) {}

  /** A page of events, filtered. */
  @Get('events')
  async list(
    @Query() query: unknown,
    @Call() call: CallRecord,
  ): Promise<{ events: EventView[]; nextCursor: string | null }> {
    const parameters = readParameters(listParameters, query);
    const { order, cursor, limit } = parameters;
    const { entries, next } = await this.log.page({
      filter: eventFilter(parameters),
      order,
      after: cursor === undefined ? undefined : decodeCursor(cursor, order),
      limit,
    });
    call.entries = entries.length;
    return {
      events: entries.map(eventView),
      nextCursor: next === undefined ? null : encodeCursor(order, next),
    };
  }

  /** One entry of the log, by its place. */
  @Get('events/:log/:index')
  async entry(
    @Param('log') log: string,
    @Param('index') index: string,
    @Call() call: CallRecord,
  ): Promise<EventView> {
    const isPlace = /^(?:0|[1-9]\d{0,8})$/.test(log) && /^(?:0|[1-9]\d{0,14})$/.test(index);
    const [entry] = isPlace ? await this.log.range(Number(log), Number(index), Number(index) + 1) : [];
    call.entries = entry === undefined ? 0 : 1;
    if (entry === undefined) {
      throw problems.notFound(
        'There is no such entry: the first is 0; one that was written just now may take a moment to be logged',
      );
    }
    return eventView(entry);
  }

  /** The whole story of a request or intent, in order; its first part where it is larger than any is by itself. */
  @Get('requests/:id')
  async story(
    @Param('id') id: string,
    @Query() query: unknown,
    @Call() call: CallRecord,
  ): Promise<{ id: string; events: EventView[]; nextCursor?: string }> {
    const { cursor } = readParameters(storyParameters, query);
    const after = cursor === undefined ? undefined : decodeCursor(cursor, 'asc');
    const { entries, next } = isId(id) ? await this.log.story(id, after) : { entries: [], next: undefined };
    call.entries = entries.length;
    if (entries.length === 0) {
      throw problems.notFound(
        'No event has this id as requestId, intentId or correlationId: check the id; ' +
          'a request that was sent just now may take a moment to be logged',
      );
    }
    return {
      ...{ id, events: storyOrder(entries).map(eventView) },
      ...(next === undefined ? {} : { nextCursor: encodeCursor('asc', next) }),
    };
  }
}

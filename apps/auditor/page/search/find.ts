import { type LogEvent } from '../api/answers';
import { type AuditApi } from '../api/audit-api';
import { asProblem } from '../api/problem';
import { type Route } from '../address/route';
import { LOG } from '../verification/log-watch';
import { interpret, type Lookup } from './interpret';

export interface Found {
  /** Where to go at once, because there is only one thing that can be meant. */
  readonly only?: Route | undefined;
  /** A request or intent has the text as its id. */
  readonly storyId?: string | undefined;
  /** The entry whose index the text is. */
  readonly entry?: LogEvent | undefined;
  readonly lists: readonly { readonly what: string; readonly events: readonly LogEvent[] }[];
}

/** Looks for whatever was pasted: as the id of a story, of an event, of a key, as a hash, an address, a type, an actor. */
export async function find(api: AuditApi, text: string): Promise<Found> {
  const { story, index, lists } = interpret(text);
  const [isStory, entry, ...found] = await Promise.all([
    story === undefined ? false : unlessUnknown(api.story(story).then(() => true)),
    index === undefined ? undefined : unlessUnknown(api.entry(LOG, index)),
    ...lists.map(async (lookup) => ({
      ...lookup,
      events:
        (await unlessUnknown(api.events({ ...lookup.query, order: 'desc', limit: '100' })))?.events ?? [],
    })),
  ]);
  const filled = found.filter(({ events }) => events.length > 0);
  const [first, ...others] = filled;
  const storyId = isStory === true ? story : undefined;
  if (first === undefined && entry === undefined && storyId !== undefined)
    return { only: { view: 'story', id: storyId }, storyId, lists: [] };
  if (first === undefined && entry !== undefined && storyId === undefined)
    return { only: { view: 'entry', log: entry.log, index: entry.index }, lists: [] };
  const only =
    first !== undefined && others.length === 0 && storyId === undefined ? leadOf(first) : undefined;
  return { only, storyId, entry, lists: filled };
}

function leadOf({
  events,
  leadsTo,
}: {
  leadsTo: Lookup['leadsTo'];
  events: readonly LogEvent[];
}): Route | undefined {
  const [event, ...more] = events;
  const ids = new Set(events.map(storyIdOf));
  const [id] = ids;
  if (leadsTo === 'story' && ids.size === 1 && id !== undefined) return { view: 'story', id };
  return event !== undefined && more.length === 0
    ? { view: 'entry', log: event.log, index: event.index }
    : undefined;
}

/** The id under which an event's story is found; undefined when it has none that could be asked for. */
export function storyIdOf({ data }: LogEvent): string | undefined {
  const ids = [data?.['intentId'], data?.['requestId'], data?.['correlationId']];
  const correlation = ids[2];
  const id =
    typeof correlation === 'string' && ids.slice(0, 2).includes(correlation)
      ? correlation
      : (ids[0] ?? ids[1]);
  return typeof id === 'string' && /^[A-Za-z0-9_.:-]{1,100}$/.test(id) ? id : undefined;
}

/** undefined where the auditor says that there is no such thing, or that it cannot be one. */
async function unlessUnknown<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    const { status } = asProblem(error);
    if (status === 404 || status === 400) return undefined;
    throw error;
  }
}

import { type LogEvent } from '../api/answers';
import { storyIdOf } from '../search/find';
import { actorName, eventName, eventTone, shortType } from '../text/event-names';
import { shorten } from '../text/shorten';
import { Link } from './link';
import { Ago } from './time-text';

interface EventTableProps {
  /** What the table has, for those who do not see it. */
  readonly caption: string;
  readonly events: readonly LogEvent[];
  /** Entries above this index have just arrived. */
  readonly newAbove?: number | undefined;
}

/** Entries of the log, a row each. */
export function EventTable({ caption, events, newAbove }: EventTableProps) {
  return (
    <table class="events">
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">Entry</th>
          <th scope="col">What</th>
          <th scope="col">By</th>
          <th scope="col">Story</th>
          <th scope="col">When</th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <EventRow
            key={`${event.log}/${event.index}`}
            event={event}
            isNew={newAbove !== undefined && event.index > newAbove}
          />
        ))}
      </tbody>
    </table>
  );
}

function EventRow({ event, isNew }: { readonly event: LogEvent; readonly isNew: boolean }) {
  const { log, index, type, source, time, verified, duplicateOf } = event;
  const story = storyIdOf(event);
  return (
    <tr class={isNew ? 'new' : undefined}>
      <th scope="row" class="index">
        <Link to={{ view: 'entry', log, index }}>{index}</Link>
      </th>
      <td class="what">
        <span class={`dot ${verified ? eventTone(type) : 'bad'}`} aria-hidden="true" />
        <span class="what-text">
          <span class="what-name">{eventName(type)}</span>{' '}
          <code class="type">{shorten(shortType(type), 60)}</code>
          {verified ? null : <span class="badge bad">not verified</span>}
          {duplicateOf === null ? null : <span class="badge waiting">copy of {duplicateOf}</span>}
        </span>
      </td>
      <td class="by" title={source ?? undefined}>
        {shorten(actorName(source), 24)}
      </td>
      <td class="story">
        {story === undefined ? null : (
          <Link to={{ view: 'story', id: story }} title={story}>
            <code>{shorten(story, 18)}</code>
          </Link>
        )}
      </td>
      <td class="when">
        <Ago time={time} />
      </td>
    </tr>
  );
}

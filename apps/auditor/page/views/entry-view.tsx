import { type LogEvent } from '../api/answers';
import { useApp } from '../parts/app-context';
import { CodeText } from '../parts/code-text';
import { CopyButton } from '../parts/copy-button';
import { FactsList } from '../parts/facts-list';
import { Heading } from '../parts/heading';
import { Link } from '../parts/link';
import { Loading, Notice, ProblemNotice } from '../parts/notice';
import { LocalTime } from '../parts/time-text';
import { useLoaded } from '../parts/use-loaded';
import { storyIdOf } from '../search/find';
import { eventName, shortType } from '../text/event-names';
import { factsOf } from '../timeline/facts';
import { clientContent, textField } from '../timeline/fields';
import { BundleButton } from './bundle-button';
import { VerifyPanel } from './verify-panel';

/** One entry of the log, with all that it holds. */
export function EntryView({ log, index }: { readonly log: number; readonly index: number }) {
  const { api } = useApp();
  const { value: event, problem, again } = useLoaded(`${log}/${index}`, () => api.entry(log, index));
  if (event !== undefined) return <EntryOf event={event} />;
  if (problem === undefined) return <Loading what={`Loading entry ${index}`} />;
  return (
    <>
      <Heading name={problem.status === 404 ? `No entry ${index}` : `Entry ${index} cannot be shown`} />
      <ProblemNotice problem={problem} again={again} />
    </>
  );
}

function EntryOf({ event }: { readonly event: LogEvent }) {
  const { log, index, type, source, time, verified, reason, duplicateOf, data } = event;
  const eventId = textField(data, 'eventId');
  const story = storyIdOf(event);
  return (
    <>
      <p class="kicker">
        Entry {index} of log {log}
      </p>
      <Heading name={`Entry ${index}: ${eventName(type)}`}>{eventName(type)}</Heading>
      {verified ? null : (
        <Notice tone="bad" title="No known service signed this">
          <p>{reason}</p>
          <p>It is in the log because leaving it out would be a hole. Believe nothing that it says.</p>
        </Notice>
      )}
      {duplicateOf === null ? null : (
        <Notice tone="waiting" title="This event came twice">
          <p>
            It is a copy of <Link to={{ view: 'entry', log, index: duplicateOf }}>entry {duplicateOf}</Link>.
          </p>
        </Notice>
      )}
      <dl class="facts wide">
        <div>
          <dt>Type</dt>
          <dd>
            <Link to={{ view: 'search', query: { type: type ?? '' } }}>
              <code>{shortType(type)}</code>
            </Link>
          </dd>
        </div>
        <div>
          <dt>Written by</dt>
          <dd>
            <Link to={{ view: 'search', query: { actor: source ?? '' } }}>
              <code>{source ?? 'unknown'}</code>
            </Link>
          </dd>
        </div>
        <div>
          <dt>Time</dt>
          <dd>
            <LocalTime time={time} />
          </dd>
        </div>
        {eventId === undefined ? null : (
          <div>
            <dt>Event id</dt>
            <dd>
              <CodeText text={eventId} what="event id" longest={40} />
            </dd>
          </div>
        )}
        {story === undefined ? null : (
          <div>
            <dt>Story</dt>
            <dd>
              <Link to={{ view: 'story', id: story }}>
                <code class="wrapping">{story}</code>
              </Link>
            </dd>
          </div>
        )}
      </dl>
      <FactsList facts={factsOf(event)} />
      <VerifyPanel events={[event]} />
      <Raw title="Content" value={data} />
      <Raw title="What the client signed" value={clientContent(event)} />
      <p class="actions">
        <BundleButton log={log} index={index} />
        {index === 0 ? null : <Link to={{ view: 'entry', log, index: index - 1 }}>Previous entry</Link>}
        <Link to={{ view: 'entry', log, index: index + 1 }}>Next entry</Link>
      </p>
    </>
  );
}

function Raw({ title, value }: { readonly title: string; readonly value: object | null | undefined }) {
  if (value === null || value === undefined) return null;
  const text = JSON.stringify(value, undefined, 2);
  return (
    <section class="raw" aria-label={title}>
      <div class="view-head">
        <h2>{title}</h2>
        <CopyButton text={text} what={title.toLowerCase()} />
      </div>
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}

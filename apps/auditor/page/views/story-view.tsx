import { useEffect, useState } from 'preact/hooks';
import { type LogEvent } from '../api/answers';
import { useApp } from '../parts/app-context';
import { EventTable } from '../parts/event-table';
import { Heading } from '../parts/heading';
import { Loading, Notice, ProblemNotice } from '../parts/notice';
import { useLoaded } from '../parts/use-loaded';
import { useSignal } from '../parts/use-signal';
import { shorten } from '../text/shorten';
import { type Story, storiesOf } from '../timeline/story';
import { StorySummary } from './story-summary';
import { Timeline } from './timeline';
import { VerifyPanel } from './verify-panel';

/** Everything that the log knows under one id. */
export function StoryView({ id }: { readonly id: string }) {
  const { api, watch } = useApp();
  const size = useSignal(watch.verdict)?.head?.size;
  const [isOpen, setOpen] = useState(true);
  // A story that goes on is read again when the log grows.
  const { value: events, problem, again } = useLoaded(id, () => api.story(id), isOpen ? size : undefined);
  const stories = events === undefined ? [] : storiesOf(events);
  const goesOn = stories.some(({ status }) => !status.isEnd);
  useEffect(() => {
    if (events !== undefined) setOpen(goesOn);
  }, [events, goesOn]);
  if (events === undefined && problem === undefined)
    return <Loading what={`Loading the story of ${shorten(id, 40)}`} />;
  return (
    <>
      {events === undefined ? (
        <>
          <Heading name={problem?.status === 404 ? 'No such story' : 'The story cannot be shown'} />
          <p class="lead">
            <code class="wrapping">{id}</code>
          </p>
        </>
      ) : (
        <StoryParts id={id} events={events} stories={stories} />
      )}
      {problem === undefined ? null : <ProblemNotice problem={problem} again={again} />}
    </>
  );
}

interface StoryPartsProps {
  readonly id: string;
  readonly events: readonly LogEvent[];
  readonly stories: readonly Story[];
}

function StoryParts({ id, events, stories }: StoryPartsProps) {
  const unverified = events.filter(({ verified }) => !verified);
  return (
    <>
      {stories.map((story, i) => (
        <article key={story.requester ?? ''} class="story-of">
          {stories.length < 2 ? null : (
            <Notice
              tone="waiting"
              title={`${stories.length} clients used this id: this is the story of ${story.requester}`}
            />
          )}
          <StorySummary id={id} story={story} isFirst={i === 0} />
          <VerifyPanel events={story.events} />
          <Timeline story={story} />
        </article>
      ))}
      {stories.length > 0 ? null : (
        <>
          <Heading name="Nothing verified" />
          <p class="lead">
            <code class="wrapping">{id}</code>
          </p>
        </>
      )}
      {unverified.length === 0 ? null : (
        <Notice tone="bad" title="Entries that no known service signed">
          <p>
            They claim to belong here. Anybody who can write to the topic can write such entries: nothing of
            them is told above.
          </p>
          <EventTable caption="Entries that are not verified" events={unverified} />
        </Notice>
      )}
      <details class="all-entries">
        <summary>
          {events.length === 1 ? 'The only entry' : `All ${events.length} entries`} under this id
        </summary>
        <EventTable caption="All entries under this id" events={events} />
      </details>
    </>
  );
}

import { useEffect, useRef, useState } from 'preact/hooks';
import { type LogEvent } from '../api/answers';
import { asProblem, type ApiProblem } from '../api/problem';
import { useApp } from '../parts/app-context';
import { EventTable } from '../parts/event-table';
import { Heading } from '../parts/heading';
import { Link } from '../parts/link';
import { Loading, Notice, ProblemNotice } from '../parts/notice';
import { useSignal } from '../parts/use-signal';

const SHOWN = 50;

/** The newest entries; they come by themselves. */
export function LatestView() {
  const { watch } = useApp();
  const size = useSignal(watch.verdict)?.head?.size;
  const [isPaused, setPaused] = useState(false);
  const { events, newAbove, problem, again } = useLatest(size, isPaused);
  return (
    <>
      <div class="view-head">
        <Heading name="Latest events" />
        <button type="button" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {isPaused ? 'Paused' : 'Pause'}
        </button>
      </div>
      <p class="lead">
        Every decision of every service, in the order in which it was logged.{' '}
        {size === undefined ? null : `${size.toLocaleString()} entries so far.`}
      </p>
      {problem === undefined ? null : <ProblemNotice problem={problem} again={again} />}
      {events === undefined ? (
        problem === undefined ? (
          <Loading what="Loading the latest events" />
        ) : null
      ) : events.length === 0 ? (
        <Notice tone="plain" title="Nothing has been logged yet">
          <p>Events appear here when services start, keys are created and clients ask for signatures.</p>
        </Notice>
      ) : (
        <>
          <EventTable caption="Latest events, newest first" events={events} newAbove={newAbove} />
          <p>
            <Link to={{ view: 'search', query: {} }}>All events, with filters</Link>
          </p>
        </>
      )}
    </>
  );
}

/** @param size of the log: when it grows, the new entries are fetched */
function useLatest(size: number | undefined, isPaused: boolean) {
  const { api } = useApp();
  const [events, setEvents] = useState<readonly LogEvent[]>();
  const [newAbove, setNewAbove] = useState<number>();
  const [problem, setProblem] = useState<ApiProblem>();
  const [round, setRound] = useState(0);
  const shown = useRef<readonly LogEvent[]>([]);
  useEffect(() => {
    if (isPaused) return undefined;
    let isCurrent = true;
    api.events({ order: 'desc', limit: String(SHOWN) }).then(
      ({ events: newest }) => {
        if (!isCurrent) return;
        setNewAbove(shown.current[0]?.index);
        shown.current = newest;
        setEvents(newest);
        setProblem(undefined);
      },
      (error: unknown) => isCurrent && setProblem(asProblem(error)),
    );
    return () => {
      isCurrent = false;
    };
  }, [api, size, isPaused, round]);
  return { events, newAbove, problem, again: () => setRound((n) => n + 1) };
}

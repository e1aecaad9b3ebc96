import { useEffect } from 'preact/hooks';
import { FILTERS, type SearchQuery } from '../address/route';
import { useApp } from '../parts/app-context';
import { EventTable } from '../parts/event-table';
import { Heading } from '../parts/heading';
import { Link } from '../parts/link';
import { Loading, Notice, ProblemNotice } from '../parts/notice';
import { useLoaded } from '../parts/use-loaded';
import { find } from '../search/find';
import { shorten } from '../text/shorten';
import { FilteredEvents } from './filtered-events';

/** What was found for something that was pasted, or for filters. */
export function SearchView({ query }: { readonly query: SearchQuery }) {
  const isFiltered = query.q === undefined || FILTERS.some((name) => query[name] !== undefined);
  return isFiltered ? <FilteredEvents query={query} /> : <FoundView text={query.q ?? ''} />;
}

function FoundView({ text }: { readonly text: string }) {
  const { api, navigation } = useApp();
  const { value: found, problem, again } = useLoaded(text, () => find(api, text));
  const only = found?.only;
  useEffect(() => {
    // The address of what was found takes the place of that of the search: the back button leads where one came from.
    if (only !== undefined) navigation.replace(only);
  }, [only, navigation]);
  if (problem !== undefined) return <ProblemNotice problem={problem} again={again} />;
  if (found === undefined || only !== undefined)
    return <Loading what={`Searching for ${shorten(text, 40)}`} />;
  const { lists, storyId, entry } = found;
  const isNothing = lists.length === 0 && storyId === undefined && entry === undefined;
  return (
    <>
      <Heading name={isNothing ? 'Nothing found' : 'Search results'} />
      <p class="lead">
        for <code class="wrapping">{text}</code>
      </p>
      {isNothing ? <NothingFound /> : null}
      <ul class="leads">
        {storyId === undefined ? null : (
          <li>
            <Link to={{ view: 'story', id: storyId }}>The story of {shorten(storyId, 40)}</Link>
          </li>
        )}
        {entry === undefined ? null : (
          <li>
            <Link to={{ view: 'entry', log: entry.log, index: entry.index }}>
              Entry {entry.index} of the log
            </Link>
          </li>
        )}
      </ul>
      {lists.map(({ what, events }) => (
        <section key={what} aria-label={what}>
          <h2>{what}</h2>
          <EventTable caption={what} events={events} />
          {events.length < 100 ? null : <p class="muted">Only the newest 100 are shown.</p>}
        </section>
      ))}
    </>
  );
}

function NothingFound() {
  return (
    <Notice tone="plain" title="The log has nothing under this name">
      <p>
        It knows ids of requests, intents, events and keys; hashes of transactions, requests and blocks;
        addresses of senders; types of events such as <code>sign.completed</code>; services such as{' '}
        <code>node-1</code>; and indices of entries. Check that it is complete: something that was asked for
        just now may take a moment to be logged.
      </p>
      <p>
        <Link to={{ view: 'search', query: {} }}>See all events, with filters</Link>
      </p>
    </Notice>
  );
}

import { type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type SearchQuery } from '../address/route';
import { type EventPage } from '../api/answers';
import { useApp } from '../parts/app-context';
import { EventTable } from '../parts/event-table';
import { Heading } from '../parts/heading';
import { Loading, Notice, ProblemNotice } from '../parts/notice';
import { useLoaded } from '../parts/use-loaded';
import { KNOWN_TYPES, shortType } from '../text/event-names';
import { timeOf } from '../text/times';

const PER_PAGE = '50';

/** All events that match filters, newest first, page by page. */
export function FilteredEvents({ query }: { readonly query: SearchQuery }) {
  const { type, actor, keyId, from, to } = query;
  const filters = { type, actor, keyId, from, to };
  return (
    <>
      <Heading name="All events" />
      <FilterForm filters={filters} />
      <Results key={JSON.stringify(filters)} filters={filters} />
    </>
  );
}

function Results({ filters }: { readonly filters: SearchQuery }) {
  const { api } = useApp();
  const [cursor, setCursor] = useState<string>();
  const [pages, setPages] = useState<readonly EventPage[]>([]);
  const { value, problem, isLoading, again } = useLoaded(cursor ?? '', () =>
    api.events({ ...filters, order: 'desc', limit: PER_PAGE, cursor }),
  );
  useEffect(() => {
    if (value !== undefined) setPages((before) => (before.includes(value) ? before : [...before, value]));
  }, [value]);
  const events = pages.flatMap((page) => page.events);
  const next = pages.at(-1)?.nextCursor ?? undefined;
  return (
    <>
      {events.length === 0 ? null : <EventTable caption="Events that match, newest first" events={events} />}
      {problem === undefined ? null : <ProblemNotice problem={problem} again={again} />}
      {isLoading ? <Loading what="Loading events" /> : null}
      {!isLoading && problem === undefined && events.length === 0 ? (
        <Notice tone="plain" title="No event matches">
          <p>Take a filter away, or widen the times.</p>
        </Notice>
      ) : null}
      {next === undefined || isLoading ? null : (
        <p>
          <button type="button" onClick={() => setCursor(next)}>
            Show older ones
          </button>
        </p>
      )}
    </>
  );
}

function FilterForm({ filters }: { readonly filters: SearchQuery }) {
  const { navigation } = useApp();
  const submit = (event: JSX.TargetedSubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const of = (name: string) => {
      const value = form.get(name);
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
    };
    const type = of('type');
    const known = KNOWN_TYPES.find((full) => shortType(full) === type);
    const query = { type: known ?? type, actor: of('actor'), keyId: of('keyId') };
    navigation.go({ view: 'search', query: { ...query, from: utcOf(of('from')), to: utcOf(of('to')) } });
  };
  return (
    <form class="filters" onSubmit={submit} key={JSON.stringify(filters)}>
      <Field name="type" label="Type" value={filters.type} list="types" placeholder="sign.completed" />
      <Field name="actor" label="Service" value={filters.actor} placeholder="/node/node-1" />
      <Field name="keyId" label="Key" value={filters.keyId} placeholder="k_…" />
      <Field name="from" label="From (local time)" value={localOf(filters.from)} type="datetime-local" />
      <Field name="to" label="Until (local time)" value={localOf(filters.to)} type="datetime-local" />
      <datalist id="types">
        {KNOWN_TYPES.map((type) => (
          <option key={type} value={shortType(type)} />
        ))}
      </datalist>
      <p class="actions">
        <button type="submit" class="primary">
          Filter
        </button>
        <button type="button" onClick={() => navigation.go({ view: 'search', query: {} })}>
          Clear
        </button>
      </p>
    </form>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string | undefined;
  readonly list?: string;
  readonly placeholder?: string;
  readonly type?: 'datetime-local';
}

function Field({ name, label, value = '', type, ...rest }: FieldProps) {
  return (
    <p class="field">
      <label for={`filter-${name}`}>{label}</label>
      <input
        id={`filter-${name}`}
        name={name}
        type={type ?? 'text'}
        step={type === undefined ? undefined : '1'}
        defaultValue={value}
        autoComplete="off"
        spellcheck={false}
        {...rest}
      />
    </p>
  );
}

/** What the field for a local time shows for a time of the address. */
function localOf(utc: string | undefined): string | undefined {
  const ms = timeOf(utc);
  if (ms === undefined) return undefined;
  return new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

function utcOf(local: string | undefined): string | undefined {
  const ms = timeOf(local);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** Where in the page somebody is. The address says it all: every view can be linked to, and the back button works. */
export type Route =
  | { readonly view: 'latest' }
  | { readonly view: 'search'; readonly query: SearchQuery }
  | { readonly view: 'story'; readonly id: string }
  | { readonly view: 'entry'; readonly log: number; readonly index: number }
  | { readonly view: 'checkpoint' }
  | { readonly view: 'nodes' }
  | { readonly view: 'nowhere' };

/** `q` is anything that somebody pasted; the others are the filters of the API, by their names. */
export interface SearchQuery {
  readonly q?: string | undefined;
  readonly type?: string | undefined;
  readonly actor?: string | undefined;
  readonly keyId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export const FILTERS = ['type', 'actor', 'keyId', 'from', 'to'] as const;

export function parseRoute(url: Pick<URL, 'pathname' | 'searchParams'>): Route {
  const [first = '', ...rest] = url.pathname.split('/').filter((part) => part !== '');
  const [second = '', third = ''] = rest;
  if (first === '') return { view: 'latest' };
  if (first === 'checkpoint' && rest.length === 0) return { view: 'checkpoint' };
  if (first === 'nodes' && rest.length === 0) return { view: 'nodes' };
  if (first === 'search' && rest.length === 0) return { view: 'search', query: queryOf(url.searchParams) };
  if (first === 'story' && rest.length === 1) return storyRoute(second);
  if (first === 'entry' && rest.length === 2 && [second, third].every(isCount))
    return { view: 'entry', log: Number(second), index: Number(third) };
  return { view: 'nowhere' };
}

/** The path of a route, with its query. */
export function pathOf(route: Route): string {
  switch (route.view) {
    case 'latest':
    case 'nowhere':
      return '/';
    case 'search': {
      const given = Object.entries(route.query).flatMap(([name, value]: [string, string | undefined]) =>
        value === undefined || value === '' ? [] : [[name, value]],
      );
      return given.length === 0 ? '/search' : `/search?${new URLSearchParams(given).toString()}`;
    }
    case 'story':
      return `/story/${encodeURIComponent(route.id)}`;
    case 'entry':
      return `/entry/${route.log}/${route.index}`;
    case 'checkpoint':
    case 'nodes':
      return `/${route.view}`;
  }
}

function queryOf(parameters: URLSearchParams): SearchQuery {
  const names = ['q', ...FILTERS] as const;
  return Object.fromEntries(names.map((name) => [name, parameters.get(name)?.trim() || undefined]));
}

function storyRoute(encoded: string): Route {
  try {
    return { view: 'story', id: decodeURIComponent(encoded) };
  } catch {
    return { view: 'nowhere' };
  }
}

function isCount(text: string): boolean {
  return /^(?:0|[1-9]\d{0,14})$/.test(text);
}

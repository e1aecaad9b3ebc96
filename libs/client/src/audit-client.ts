import { Invalid, Unavailable } from '@quorate/platform';
import { z } from 'zod';

const auditEventSchema = z.looseObject({
  log: z.number(),
  index: z.number(),
  /** type, source, time and data are null where a record that is not verified does not tell. */
  type: z.string().nullable(),
  source: z.string().nullable(),
  time: z.string().nullable(),
  verified: z.boolean(),
  /** Why the record is not verified. */
  reason: z.string().optional(),
  duplicateOf: z.number().nullish(),
  data: z.record(z.string(), z.unknown()).nullable(),
  jws: z.string().nullish(),
});
const eventPageSchema = z.object({ events: z.array(auditEventSchema), nextCursor: z.string().nullish() });
/** A story, or a part of one that is very large. */
const storySchema = eventPageSchema.extend({ id: z.string() });
type StoryPart = z.output<typeof storySchema>;
const problemSchema = z.object({ title: z.string(), detail: z.string().optional() });

/** One record of the audit log. `verified`: the auditor found the writer's signature valid. */
export type AuditEvent = z.output<typeof auditEventSchema>;
/** One page of events; `nextCursor` is absent or null on the last one. */
export type AuditPage = z.output<typeof eventPageSchema>;
/** Everything that happened under one requestId or intentId, in order. */
export interface AuditStory {
  readonly id: string;
  readonly events: AuditEvent[];
}

export interface AuditFilter {
  readonly requestId?: string | undefined;
  readonly intentId?: string | undefined;
  readonly type?: string | undefined;
  readonly actor?: string | undefined;
  readonly keyId?: string | undefined;
  /** RFC 3339 UTC. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
  readonly order?: 'asc' | 'desc' | undefined;
}

export interface AuditClientOptions {
  /** Base URL of the auditor, such as http://127.0.0.1:8083. */
  readonly url: string;
  /** Bearer token, where the auditor asks for one. */
  readonly token?: string | null | undefined;
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** Queries of the auditor (interfaces.md, audit queries). */
export class AuditClient {
  constructor(private readonly options: AuditClientOptions) {}

  /**
   * One page of the events that match all given filters.
   * @throws Invalid with the auditor's own words when it refuses the query; Unavailable when it is away.
   */
  async events(filter: AuditFilter = {}): Promise<AuditPage> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(filter)) {
      if (value !== undefined) query.set(name, String(value));
    }
    const page = await this.get(`/v1/events?${query.toString()}`, eventPageSchema);
    if (page === undefined) throw new Invalid('audit', `there is no auditor at ${this.options.url}`);
    return page;
  }

  /** All events that match, page by page; `filter.limit` is the size of a page. */
  async *allEvents(filter: AuditFilter = {}): AsyncGenerator<AuditEvent> {
    let cursor = filter.cursor;
    do {
      const page = await this.events({ ...filter, cursor });
      yield* page.events;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** The whole story of a request or intent; undefined when the auditor knows nothing of it (yet). */
  async story(id: string): Promise<AuditStory | undefined> {
    const path = `/v1/requests/${encodeURIComponent(id)}`;
    let part: StoryPart | undefined = await this.get(path, storySchema);
    if (part === undefined) return undefined;
    const story: AuditStory = { id: part.id, events: part.events };
    while (part?.nextCursor) {
      const query: URLSearchParams = new URLSearchParams({ cursor: part.nextCursor });
      part = await this.get(`${path}?${query.toString()}`, storySchema);
      story.events.push(...(part?.events ?? []));
    }
    return story;
  }

  /** One entry of a log; undefined when the log has none there. */
  async entry(log: number, index: number): Promise<AuditEvent | undefined> {
    return this.get(`/v1/events/${log}/${index}`, auditEventSchema);
  }

  private async get<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const { url, token, timeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    const headers = { accept: 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
    let response: Response;
    let body: string;
    try {
      response = await fetch(new URL(path, url), { headers, signal: AbortSignal.timeout(timeoutMs) });
      body = await response.text();
    } catch (cause) {
      throw new Unavailable('audit', `the auditor at ${url} did not answer`, { cause });
    }
    if (response.status === 404) return undefined;
    if (!response.ok) throw refusal(response.status, body);
    const parsed = schema.safeParse(parseJson(body));
    if (!parsed.success)
      throw new Invalid('audit', `${url}${path} answers with something else than an auditor does`);
    return parsed.data;
  }
}

function refusal(status: number, body: string): Invalid | Unavailable {
  const problem = problemSchema.safeParse(parseJson(body));
  const words = problem.success
    ? `${problem.data.title}: ${problem.data.detail ?? ''}`
    : `HTTP status ${status}`;
  const message = `the auditor refuses: ${words}`;
  return status >= 500 || status === 429 ? new Unavailable('audit', message) : new Invalid('audit', message);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

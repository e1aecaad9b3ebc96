import { type Session } from '../session/session';
import {
  type ConsistencyAnswer,
  consistencyOf,
  type EventPage,
  eventOf,
  eventPageOf,
  type InclusionAnswer,
  inclusionOf,
  type LogEvent,
  type NodesAnswer,
  nodesOf,
} from './answers';
import { ApiProblem } from './problem';
import { BadAnswer, isObject, object } from './reader';

export type EventQuery = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 15_000;

/** The queries of the auditor that served this page. Every method throws ApiProblem. */
export class AuditApi {
  constructor(private readonly session: Session) {}

  events(query: EventQuery): Promise<EventPage> {
    return this.json(`/v1/events?${parameters(query)}`, eventPageOf);
  }

  async story(id: string): Promise<readonly LogEvent[]> {
    const events: LogEvent[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `?${parameters({ cursor })}`;
      const part: EventPage = await this.json(`/v1/requests/${encodeURIComponent(id)}${query}`, (answer) =>
        eventPageOf({ nextCursor: null, ...object(answer, 'the answer') }),
      );
      events.push(...part.events);
      cursor = part.nextCursor;
    } while (cursor !== null);
    return events;
  }

  entry(log: number, index: number): Promise<LogEvent> {
    return this.json(`/v1/events/${log}/${index}`, (answer) => eventOf(answer));
  }

  nodes(): Promise<NodesAnswer> {
    return this.json('/v1/nodes', nodesOf);
  }

  /** The newest signed note of a log. */
  checkpoint(log: number): Promise<string> {
    return this.text(`/v1/checkpoint?${parameters({ log: String(log) })}`);
  }

  /** @param size leaves that the tree has at least; that of the newest checkpoint when absent */
  inclusion(log: number, index: number, size?: number): Promise<InclusionAnswer> {
    const query = { log: String(log), index: String(index), size: size?.toString() };
    return this.json(`/v1/proofs/inclusion?${parameters(query)}`, inclusionOf);
  }

  consistency(log: number, from: number, to: number): Promise<ConsistencyAnswer> {
    const query = { log: String(log), from: String(from), to: String(to) };
    return this.json(`/v1/proofs/consistency?${parameters(query)}`, consistencyOf);
  }

  /** The proof of an entry as a file (C2SP tlog-proof). */
  bundle(log: number, index: number): Promise<string> {
    return this.text(`/v1/proofs/bundle?${parameters({ log: String(log), index: String(index) })}`);
  }

  private async json<T>(path: string, read: (answer: unknown) => T): Promise<T> {
    const body = await this.text(path);
    try {
      return read(JSON.parse(body) as unknown);
    } catch (error) {
      const what = error instanceof BadAnswer ? error.message : 'it is not JSON';
      throw new ApiProblem(
        -1,
        'The answer cannot be read',
        `${path} does not answer as an auditor does: ${what}.`,
      );
    }
  }

  private async text(path: string): Promise<string> {
    const { token } = this.session;
    let response: Response;
    let body: string;
    try {
      response = await fetch(path, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(TIMEOUT_MS),
        credentials: 'omit',
        redirect: 'error',
      });
      body = await response.text();
    } catch {
      throw new ApiProblem(
        0,
        'The auditor does not answer',
        'It may be restarting, or your connection to it is gone. This page tries again by itself.',
      );
    }
    if (response.ok) return body;
    if (response.status === 401) this.session.lock();
    throw problemOf(response.status, body);
  }
}

function parameters(query: EventQuery): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, value]],
  );
  return new URLSearchParams(given).toString();
}

function problemOf(status: number, body: string): ApiProblem {
  try {
    const problem: unknown = JSON.parse(body);
    if (isObject(problem) && typeof problem['title'] === 'string')
      return new ApiProblem(
        status,
        problem['title'],
        typeof problem['detail'] === 'string' ? problem['detail'] : '',
      );
  } catch {
    // A proxy's page, not the auditor's answer: the status is all it says.
  }
  return new ApiProblem(status, `The answer has status ${status}`, 'See the log of the auditor.');
}

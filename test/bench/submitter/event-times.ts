/** What the submitter's own events say of the time of each step. */
import { type Client } from 'pg';

/** The steps of an intent that take time, in order, by the events that end them. */
const STEPS = [
  ['received to signature requested', 'requested', 'signature-requested'],
  ['signature requested to signed', 'signature-requested', 'signed'],
  ['signed to first accept', 'signed', 'broadcast'],
] as const;

export interface Spread {
  readonly p50: number;
  readonly p99: number;
}

export interface EventTimes {
  /** From the event of the receipt to the event of the first accept, in milliseconds, of intents received in the window. */
  readonly accepted: Spread;
  readonly steps: readonly (Spread & { readonly step: string })[];
  /** First accepts in the window, whenever the intents were received. */
  readonly accepts: number;
}

export interface Window {
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** How many intents have got as far as this event. */
export async function countEvents(database: Client, type: string): Promise<number> {
  const { rows } = await database.query<{ count: string }>('SELECT count(*) FROM event WHERE type = $1', [
    nameOf(type),
  ]);
  return Number(rows[0]?.count);
}

/** Times have the resolution of the events, one millisecond, and include the commit that notes the accept. */
export async function eventTimes(database: Client, window: Window): Promise<EventTimes> {
  const types = ['requested', 'signature-requested', 'signed', 'broadcast'];
  const { rows } = await database.query<{ stream_id: string; type: string; at: string }>(
    `SELECT stream_id, type, extract(epoch FROM min(occurred_at)) * 1000 AS at FROM event
     WHERE type = ANY($1) GROUP BY stream_id, type`,
    [types.map(nameOf)],
  );
  const streams = new Map<string, Map<string, number>>();
  for (const { stream_id: streamId, type, at } of rows) {
    const times = streams.get(streamId) ?? new Map<string, number>();
    streams.set(streamId, times.set(type, Number(at)));
  }
  const inWindow = (at: number | undefined): boolean =>
    at !== undefined && at >= window.from && at < window.to;
  const all = [...streams.values()];
  const received = all.filter((times) => inWindow(times.get(nameOf('requested'))));
  const between = (from: string, to: string): Spread =>
    spread(
      received.flatMap((times) => {
        const [began, ended] = [times.get(nameOf(from)), times.get(nameOf(to))];
        return began === undefined || ended === undefined ? [] : [ended - began];
      }),
    );
  return {
    accepted: between('requested', 'broadcast'),
    steps: STEPS.map(([step, from, to]) => ({ step, ...between(from, to) })),
    accepts: all.filter((times) => inWindow(times.get(nameOf('broadcast')))).length,
  };
}

function nameOf(type: string): string {
  return `quorate.tx.${type}.v1`;
}

function spread(milliseconds: number[]): Spread {
  const sorted = milliseconds.sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

import { type JsonObject } from '@quorate/protocol';
import { type Violation } from '../violation';

/** An event of the log whose signature is valid, once. */
export interface StoryEvent {
  readonly index: number;
  readonly type: string;
  readonly streamId: string;
  readonly streamPosition: number;
  /** The service that signed the record, such as /node/node-1. */
  readonly source: string;
  /** How far the log had come when it took the event, in milliseconds since 1970 (LogClock). */
  readonly reachedAt: number;
  readonly data: JsonObject;
}

/**
 * A rule that the stories of a log keep (audit-log.md, Verification). Events of different streams may lie in the log in
 * any order: what must be there is judged at the end.
 */
export interface Rule {
  /** @returns what this event breaks, whatever else is in the log */
  take(event: StoryEvent): Violation[];
  /** What is missing at the end. */
  finish(): Missing[];
}

/** Something that an event needs and the log does not hold: a violation, unless it may still be on its way. */
export interface Missing extends Violation {
  /** How far the log had come when it took the event that needs it, in milliseconds since 1970. */
  readonly since: number;
}

/** Keeps the first event for each name. */
export class FirstEvents {
  private readonly events = new Map<string, StoryEvent>();

  /** @returns the event that had the name before */
  add(name: string, event: StoryEvent): StoryEvent | undefined {
    const before = this.events.get(name);
    if (before === undefined) this.events.set(name, event);
    return before;
  }

  get(name: string): StoryEvent | undefined {
    return this.events.get(name);
  }

  entries(): Iterable<[string, StoryEvent]> {
    return this.events;
  }
}

/** One name of several parts. */
export function nameOf(...parts: readonly (string | number)[]): string {
  return JSON.stringify(parts);
}

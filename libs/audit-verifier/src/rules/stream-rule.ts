import { type Missing, type Rule, type StoryEvent } from './rule';
import { type Violation } from '../violation';

interface Stream {
  /** All positions below it are there. */
  next: number;
  /** Positions above it that are there. */
  readonly ahead: Map<number, StoryEvent>;
}

/** The events of a stream have the positions 1, 2, 3, ..., each once. */
export class StreamRule implements Rule {
  private readonly streams = new Map<string, Stream>();

  take(event: StoryEvent): Violation[] {
    const { index, streamId, streamPosition: position } = event;
    const stream = this.streams.get(streamId) ?? { next: 1, ahead: new Map<number, StoryEvent>() };
    this.streams.set(streamId, stream);
    if (position < stream.next || stream.ahead.has(position)) {
      return [
        { index, rule: 'stream-position', reason: `${streamId} has two events at position ${position}` },
      ];
    }
    stream.ahead.set(position, event);
    while (stream.ahead.delete(stream.next)) stream.next += 1;
    return [];
  }

  finish(): Missing[] {
    return [...this.streams].flatMap(([streamId, { next, ahead }]) => {
      const [later] = ahead.values();
      if (later === undefined) return [];
      const reason = `${streamId} has no event at position ${next}, though later ones`;
      return [{ index: later.index, rule: 'stream-position', reason, since: later.occurredAt }];
    });
  }
}

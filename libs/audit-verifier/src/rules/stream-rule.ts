import { type Missing, type Rule, type StoryEvent } from './rule';
import { type Violation } from '../violation';

interface Stream {
  /** Who wrote to it last. */
  source: string;
  /** All positions below it are there. */
  next: number;
  /** Positions above it that are there. */
  readonly ahead: Map<number, StoryEvent>;
}

/** What a node says first after it was restored from a backup: it has its shares, and no events. */
const RESTORED = 'quorate.node.restored.v1';

/** The events of a stream have the positions 1, 2, 3, ..., each once; those of a restored node begin anew. */
export class StreamRule implements Rule {
  private readonly streams = new Map<string, Stream>();
  /** Of streams that began anew. */
  private readonly gaps: Missing[] = [];

  take(event: StoryEvent): Violation[] {
    const { index, type, source, streamId, streamPosition: position } = event;
    if (type === RESTORED) this.forget(source);
    const stream = this.streams.get(streamId) ?? { source, next: 1, ahead: new Map<number, StoryEvent>() };
    stream.source = source;
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

  private forget(source: string): void {
    for (const [streamId, stream] of this.streams) {
      if (stream.source !== source) continue;
      this.streams.delete(streamId);
      this.gaps.push(...gapOf(streamId, stream));
    }
  }

  finish(): Missing[] {
    return [...this.gaps, ...[...this.streams].flatMap(([streamId, stream]) => gapOf(streamId, stream))];
  }
}

function gapOf(streamId: string, { next, ahead }: Stream): Missing[] {
  const [later] = ahead.values();
  if (later === undefined) return [];
  const reason = `${streamId} has no event at position ${next}, though later ones`;
  return [{ index: later.index, rule: 'stream-position', reason, since: later.reachedAt }];
}

import { type Missing, type Rule, type StoryEvent } from './rule';
import { type Violation } from '../violation';

interface Ending {
  end?: StoryEvent;
  /** The last event that may not follow an end. */
  last?: StoryEvent;
}

/** What may come after the end of a story, by the type of the end. */
export interface Endings {
  isEnd(event: StoryEvent): boolean;
  mayFollow(event: StoryEvent): boolean;
  /** Whether the streams of these stories have this event. */
  concerns(event: StoryEvent): boolean;
}

/** Of a sign request at the coordinators: copies and refusals of other bytes may come later, and shares that come late. */
export const signEndings: Endings = {
  concerns: ({ streamId }) => streamId.startsWith('sign:'),
  isEnd: ({ type, data }) =>
    type === 'quorate.sign.completed.v1' ||
    (type === 'quorate.sign.rejected.v1' && data['code'] !== 'conflict'),
  mayFollow: ({ type, data }) =>
    type === 'quorate.sign.partial-received.v1' ||
    (type === 'quorate.sign.rejected.v1' && data['code'] === 'conflict'),
};

/** Of an intent: what is final is final. */
export const transactionEndings: Endings = {
  concerns: ({ streamId }) => streamId.startsWith('tx:'),
  isEnd: ({ type }) => type === 'quorate.tx.finalized.v1' || type === 'quorate.tx.superseded.v1',
  mayFollow: ({ type, data }) => type === 'quorate.tx.rejected.v1' && data['code'] === 'conflict',
};

/** Each story ends once, and nothing but what may follow comes after its end, in the order of its stream. */
export class EndingRule implements Rule {
  private readonly stories = new Map<string, Ending>();

  constructor(private readonly endings: Endings) {}

  take(event: StoryEvent): Violation[] {
    const { endings, stories } = this;
    if (!endings.concerns(event)) return [];
    const story: Ending = stories.get(event.streamId) ?? {};
    stories.set(event.streamId, story);
    if (endings.isEnd(event)) {
      if (story.end !== undefined) {
        const reason = `${event.streamId} ends twice, with ${story.end.type} and ${event.type}`;
        return [{ index: event.index, rule: 'ended-twice', reason }];
      }
      story.end = event;
    } else if (!endings.mayFollow(event) && event.streamPosition > (story.last?.streamPosition ?? 0)) {
      story.last = event;
    }
    return [];
  }

  finish(): Missing[] {
    return [...this.stories].flatMap(([streamId, { end, last }]) => {
      if (end === undefined || last === undefined || last.streamPosition < end.streamPosition) return [];
      const reason = `${streamId} goes on with ${last.type} after its end`;
      return [{ index: last.index, rule: 'after-the-end', reason, since: -Infinity }];
    });
  }
}

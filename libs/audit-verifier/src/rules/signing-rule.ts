import { type EventPayload } from '@quorate/protocol';
import { FirstEvents, type Missing, nameOf, type Rule, type StoryEvent } from './rule';
import { type Violation } from '../violation';

type Completed = EventPayload<'quorate.sign.completed.v1'>;

/**
 * Every signature answers exactly one accepted request; no presignature served two; the committee has as many members as
 * the key asks for, and each of them says itself, under its own signature, that it gave its share.
 */
export class SigningRule implements Rule {
  private readonly requested = new FirstEvents();
  private readonly completed = new FirstEvents();
  private readonly presignatures = new FirstEvents();
  private readonly shares = new FirstEvents();
  /** The smallest threshold that a key ever had. */
  private readonly thresholds = new Map<string, number>();

  get signatures(): number {
    return [...this.completed.entries()].length;
  }

  take(event: StoryEvent): Violation[] {
    const { type, data } = event;
    switch (type) {
      case 'quorate.key.generated.v1':
      case 'quorate.key.reshared.v1': {
        const { keyId, threshold } = data as { keyId: string; threshold: number };
        this.thresholds.set(keyId, Math.min(threshold, this.thresholds.get(keyId) ?? threshold));
        return [];
      }
      case 'quorate.sign.requested.v1':
        return this.once(
          this.requested,
          requestOf(data),
          event,
          'requested-twice',
          'the request is accepted twice',
        );
      case 'quorate.sign.partial-issued.v1': {
        const { presignatureId } = data as { presignatureId: string };
        this.shares.add(nameOf(event.source, requestOf(data), presignatureId), event);
        return [];
      }
      case 'quorate.sign.completed.v1': {
        const { presignatureId } = data as Completed;
        return [
          ...this.once(
            this.completed,
            requestOf(data),
            event,
            'completed-twice',
            'the request is answered twice',
          ),
          ...this.once(
            this.presignatures,
            presignatureId,
            event,
            'presignature-twice',
            'its presignature served before',
          ),
        ];
      }
      default:
        return [];
    }
  }

  finish(): Missing[] {
    return [...this.completed.entries()].flatMap(([request, event]) => this.missingFor(request, event));
  }

  private missingFor(request: string, { index, reachedAt: since, data }: StoryEvent): Missing[] {
    const { committee, presignatureId, keyId } = data as Completed;
    const threshold = this.thresholds.get(keyId);
    const missing = (rule: string, reason: string): Missing => ({ index, rule, reason, since });
    const silent = committee.filter(
      (node) => this.shares.get(nameOf(`/node/${node}`, request, presignatureId)) === undefined,
    );
    return [
      ...(this.requested.get(request) === undefined
        ? [missing('no-request', 'no request of it was accepted')]
        : []),
      ...(threshold === undefined ? [missing('no-key', `its key ${keyId} was never generated`)] : []),
      ...(threshold !== undefined && new Set(committee).size < threshold
        ? [missing('small-committee', `${committee.length} nodes signed, its key asks for ${threshold}`)]
        : []),
      ...silent.map((node) => missing('no-share', `${node} does not say that it gave a share`)),
    ];
  }

  private once(
    events: FirstEvents,
    name: string,
    event: StoryEvent,
    rule: string,
    reason: string,
  ): Violation[] {
    const before = events.add(name, event);
    return before === undefined
      ? []
      : [{ index: event.index, rule, reason: `${reason}, at leaf ${before.index}` }];
  }
}

function requestOf(data: StoryEvent['data']): string {
  return nameOf(String(data['requester']), String(data['requestId']), String(data['requestHash']));
}

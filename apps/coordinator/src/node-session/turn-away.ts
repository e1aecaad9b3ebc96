import { type EventStore } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { type Clock } from '../ports/clock.port';
import { type Assignments } from './assignments';

/** Has all requests that wait for a node looked at now instead of when their own time comes. */
export class TurnAway {
  constructor(
    private readonly store: EventStore,
    private readonly assignments: Assignments,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** In a transaction of its own: if it fails, each request's own time comes all the same. */
  async from(node: string): Promise<void> {
    const waiting = this.assignments.involving(node);
    if (waiting.length === 0) return;
    this.logger.info({ node, openRequests: waiting.length }, 'requests turn away from a node');
    try {
      await this.store.transaction(async (tx) => {
        for (const { streamId, attempt } of waiting) {
          tx.schedule('sign', streamId, this.clock.now(), { attempt, resent: 0 });
        }
      });
    } catch (error) {
      this.logger.warn({ err: error, node }, 'open requests wait for their own time');
    }
  }
}

import { type EventStore } from '@quorate/event-store';
import { type Logger } from '@quorate/platform';
import { type CeremonyResults } from '../ceremony/ceremony-results';
import { type Progress } from '../ceremony/progress';
import { type KeyRetirement } from '../key-registry/key-retirement';
import { type Clock } from '../ports/clock.port';
import { type NodeLink, type ReportedBatch } from '../ports/node-link.port';
import { type StockReconciliation } from '../presignature-stock/stock-reconciliation';
import { type Conduct } from '../quarantine/conduct';
import { type Assignments } from './assignments';
import { type NodeEvents } from './node-events';
import { type NodeAck, type NodeSessionEvents } from './node-session.service';
import { type NodeSessions } from './node-sessions';
import { type TurnAway } from './turn-away';

/** A node that only lost its stream is connected again by then. */
const COMES_BACK_MS = 3_000;

/** What follows when nodes come, go, or do not take their work. */
export class NodeDesk implements NodeSessionEvents {
  constructor(
    private readonly store: EventStore,
    private readonly sessions: NodeSessions,
    private readonly assignments: Assignments,
    private readonly reconciliation: StockReconciliation,
    private readonly results: CeremonyResults,
    private readonly events: NodeEvents,
    private readonly retirement: Pick<KeyRetirement, 'remind'>,
    private readonly conduct: Conduct,
    private readonly turnAway: TurnAway,
    private readonly progress: Progress,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {
    sessions.onChange(({ node, phase }) => {
      this.progress.tell('node', node, phase);
      if (phase === 'left') void this.left(node);
    });
  }

  async opened(link: NodeLink, ready: boolean, stock: readonly ReportedBatch[]): Promise<void> {
    await this.store.transaction((tx) => this.events.joined(tx, link.nodeId, link.bootId, link.version));
    await this.reconciliation.nodeOpened(link, stock);
    this.sessions.opened(link, ready);
    this.retirement.remind(link.nodeId);
  }

  /** A node that did not take a task has not spent anything: another committee, or another ceremony, does it. */
  async refused(node: string, { taskId, code, reason }: NodeAck): Promise<void> {
    this.logger.warn({ node, taskId, code, reason }, 'a node did not take its task');
    this.conduct.refused(node, code, reason);
    const task = this.assignments.streamOfTask(taskId);
    await this.store.transaction(async (tx) => {
      if (task === undefined) {
        await this.results.fail(tx, [sessionIdOf(taskId)], `${node} did not take part: ${code} ${reason}`);
      } else {
        tx.schedule('sign', task.streamId, this.clock.now(), { attempt: task.attempt, resent: 1 });
      }
    });
  }

  /** Requests move on at once; ceremonies go over Kafka, so they wait whether the node comes back. */
  private async left(node: string): Promise<void> {
    await this.turnAway.from(node);
    const at = new Date(this.clock.now().getTime() + COMES_BACK_MS);
    await this.store
      .transaction(async (tx) => tx.schedule('node-left', node, at))
      .catch((error: unknown) =>
        this.logger.warn({ err: error, node }, 'ceremonies wait for their deadline'),
      );
  }
}

/** A ceremony's task id is its session id in hex. */
function sessionIdOf(taskId: string): string {
  return taskId.startsWith('0x') ? taskId : `0x${taskId}`;
}

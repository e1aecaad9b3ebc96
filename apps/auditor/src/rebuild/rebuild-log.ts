import { randomBytes } from 'node:crypto';
import { type EventStore } from '@quorate/event-store';
import { type MessageLog } from '@quorate/messaging';
import { Invalid } from '@quorate/platform';
import { type LogKeyLookup, topicNames } from '@quorate/protocol';
import { Frontier, type Hash } from '@quorate/transparency-log';
import { PostgresAuditLog } from '../adapters/audit-log.postgres';
import { PostgresCheckpoints } from '../adapters/checkpoints.postgres';
import { PostgresLogSources } from '../adapters/log-sources.postgres';
import { PostgresTreeNodes } from '../adapters/tree-nodes.postgres';
import { Intake } from '../intake/intake';
import { LogTrees } from '../merkle-tree/log-trees';
import { SourceGuard } from '../source-check/source-guard';

export interface RebuildOptions {
  readonly messages: MessageLog;
  /** The new log's database. */
  readonly store: EventStore;
  readonly topicPrefix: string;
  /** Identities of all services. */
  readonly lookup: LogKeyLookup;
  /** Called with the entries so far and those of the topic when it was looked at first. */
  readonly progress: (entries: number, of: number) => void;
}

/** Builds the audit log anew from mpc.events, with the auditor's own intake: same checks, same marks, same tree. */
export class LogRebuild {
  private readonly nodes = new PostgresTreeNodes();
  private readonly topic: string;

  constructor(private readonly options: RebuildOptions) {
    this.topic = topicNames(options.topicPrefix).events;
  }

  /**
   * Reads the topic up to its end as it was at the call. What was appended before by a rebuild that died is compared with
   * the topic first, as at the start of an auditor.
   *
   * @returns the size of each log
   * @throws Fatal `source-changed` when the topic is not the one that the entries so far were made from
   */
  async run(): Promise<Map<number, number>> {
    const { messages, progress } = this.options;
    const ends = await messages.highWatermarks(this.topic);
    const total = [...ends.values()].reduce((sum, end) => sum + Number(end), 0);
    const intake = this.intake(() => progress(sizeOfAll(intake), total));
    const stopped = new Promise<never>((_, reject) => messages.onFatal(reject));
    const subscription = await Promise.race([intake.start(), stopped]);
    await Promise.race([subscription.caughtUp(), stopped]);
    await subscription.stop();
    return new Map([...intake.positions()].map(([log, next]) => [log, Number(next)]));
  }

  /**
   * The root of the first `size` leaves of a log.
   *
   * @throws Invalid `topic-too-short` when there are fewer
   */
  rootAt(log: number, size: number): Promise<Hash> {
    return this.options.store.transaction(async (tx) => {
      const leaves = await this.nodes.size(tx, log);
      if (leaves < size) {
        throw new Invalid(
          'topic-too-short',
          `The checkpoint is of ${size} leaves, but ${this.topic}, partition ${log}, has ${leaves}: records were removed`,
        );
      }
      return (await Frontier.load(this.nodes.reader(tx, log), size)).root();
    });
  }

  private intake(appended: () => void): Intake {
    const { messages, store, topicPrefix, lookup } = this.options;
    const log = new PostgresAuditLog(store);
    const trees = new LogTrees({ store, log, nodes: this.nodes, checkpoints: new PostgresCheckpoints() });
    return new Intake({
      // A group of its own: the records of the auditor's group go to the auditor.
      ...{ topic: this.topic, group: `${topicPrefix}auditor-rebuild-${randomBytes(6).toString('hex')}` },
      ...{ messages, store, log, trees, lookup, appended },
      guard: new SourceGuard({ topic: this.topic, messages, sources: new PostgresLogSources(store) }),
      failed: () => undefined,
      sourceChecked: () => undefined,
    });
  }
}

function sizeOfAll(intake: Intake): number {
  return [...intake.positions().values()].reduce((sum, next) => sum + Number(next), 0);
}

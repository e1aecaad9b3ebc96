import { type Logger } from '@quorate/platform';
import { type EpochChange } from './epoch-change';
import { type KeyRegistry } from './key-registry';

const LOOK_EVERY_MS = 5_000;

/**
 * Catches up with the nodes: where they publish a certified epoch whose results this deployment's coordinators missed, the
 * key goes on with it. The regular way is the members' results on mpc.partials.
 */
export class EpochLearning {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;

  constructor(
    private readonly registry: KeyRegistry,
    private readonly change: EpochChange,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
    void this.look();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  private look(): Promise<void> {
    this.looking ??= this.learnAll().finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async learnAll(): Promise<void> {
    try {
      for (const record of this.registry.newerRecords()) await this.change.learn(record);
    } catch (error) {
      this.logger.warn({ err: error }, 'published epochs are looked at again');
    }
  }
}

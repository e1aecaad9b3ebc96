import { asQuorateError, type Logger } from '@quorate/platform';
import { type PresignaturePool } from '../presignature-pool/presignature-pool';
import { type KeyRing } from './key-ring';
import { type KeyShareStore } from './key-share-store';

const CHECK_MS = 5_000;

/**
 * Erases shares of former epochs when their time has come, and what was presigned with them. The time is in the database,
 * so a node that was restarted goes on where it was.
 */
export class Erasure {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly shares: KeyShareStore,
    private readonly keys: KeyRing,
    private readonly pool: PresignaturePool,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.sweep(), CHECK_MS);
    void this.sweep();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Erases what is due; what fails is tried at the next time. */
  sweep(): Promise<void> {
    this.running = this.running
      .then(() => this.erase())
      .catch((error: unknown) => {
        const { kind } = asQuorateError(error);
        this.logger[kind === 'unavailable' ? 'warn' : 'error'](
          { err: error },
          'former epochs were not erased',
        );
      });
    return this.running;
  }

  private async erase(): Promise<void> {
    for (const former of await this.shares.eraseDue()) {
      this.keys.erased(former);
      this.pool.discard(({ keyId, epoch }) => keyId === former.keyId && epoch === former.epoch);
      this.logger.info({ ...former }, 'the share of a former epoch is erased');
    }
  }
}

import { type HealthRegistry } from '../health/health-registry';
import { type Logger } from '../logging/logger';

/** How long an orderly stop may take before the process ends anyway, in ms. */
const CLOSE_LIMIT_MS = 10_000;

/**
 * The one way this process ends: SIGTERM, SIGINT, a lost parent or a fatal error. Not ready first, then the
 * application's own shutdown hooks, at most 10 s, then exit.
 */
export class ProcessShutdown {
  private closing = false;
  private closeApp: () => Promise<void> = () => Promise.resolve();

  constructor(
    private readonly health: HealthRegistry,
    private readonly logger: Logger,
    private readonly exit: (code: number) => void = (code) => process.exit(code),
  ) {}

  /** @param close the application's own shutdown */
  onClose(close: () => Promise<void>): void {
    this.closeApp = close;
  }

  listenToSignals(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => void this.stop(signal, 0));
    }
  }

  /** Ends the process with status 1 because of an error that it cannot live with. */
  async fail(error: unknown): Promise<void> {
    this.logger.fatal({ err: error }, 'stopping because of an error');
    await this.stop('fatal error', 1);
  }

  async stop(reason: string, code: number): Promise<void> {
    if (this.closing) return;
    this.closing = true;
    this.health.set('process', false, `shutting down: ${reason}`);
    this.logger.info({ reason }, 'shutting down');
    const limit = setTimeout(() => {
      this.logger.error({ limitMs: CLOSE_LIMIT_MS }, 'shutdown took too long');
      this.exit(1);
    }, CLOSE_LIMIT_MS);
    try {
      await this.closeApp();
      this.exit(code);
    } catch (error) {
      this.logger.error({ err: error }, 'shutdown failed');
      this.exit(1);
    } finally {
      clearTimeout(limit);
    }
  }
}

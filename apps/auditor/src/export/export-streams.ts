import { Inject, Injectable } from '@nestjs/common';
import { Metrics, problems } from '@quorate/platform';
import { AUDITOR_CONFIG, type AuditorConfig } from '../config';

const RETRY_AFTER_SECONDS = 10;

/** The exports that are on their way: a bounded number, so that they leave the database to the log itself. */
@Injectable()
export class ExportStreams {
  private running = 0;

  constructor(
    @Inject(AUDITOR_CONFIG) private readonly config: AuditorConfig,
    metrics: Metrics,
  ) {
    const count = (): number => this.running;
    metrics.gauge({
      name: 'audit_exports_running',
      help: 'Exports on their way; HTTP_EXPORTS_AT_ONCE is the limit.',
      collect() {
        this.set(count());
      },
    });
  }

  /** @throws Problem `too-many-requests` when as many as are allowed run already. */
  async run(work: () => Promise<void>): Promise<void> {
    const most = this.config.HTTP_EXPORTS_AT_ONCE;
    if (this.running >= most)
      throw problems.tooManyRequests(
        `${most} exports run already (HTTP_EXPORTS_AT_ONCE)`,
        RETRY_AFTER_SECONDS,
      );
    this.running += 1;
    try {
      await work();
    } finally {
      this.running -= 1;
    }
  }
}

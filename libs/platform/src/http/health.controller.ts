import { Controller, Get, Header, HttpCode, HttpException } from '@nestjs/common';
import { filesInForce } from '../identity/watched-file';
import { HealthRegistry, type HealthReason } from '../health/health-registry';
import { Metrics } from '../metrics/metrics';

@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthRegistry,
    private readonly metrics: Metrics,
  ) {}

  /** Alive: the process answers. */
  @Get('healthz')
  @HttpCode(200)
  healthz(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /**
   * Ready: every part is; otherwise 503 with the parts and what each waits for. `files`: SHA-256 of the content in force of
   * each file that says whose signatures count.
   */
  @Get('readyz')
  readyz(): { status: 'ready'; parts: HealthReason[]; files: Readonly<Record<string, string>> } {
    const parts = this.health.reasons();
    if (!this.health.ready()) throw new NotReady(parts);
    return { status: 'ready', parts, files: filesInForce() };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  async scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}

class NotReady extends HttpException {
  constructor(parts: HealthReason[]) {
    super({ status: 'not ready', parts }, 503);
  }
}

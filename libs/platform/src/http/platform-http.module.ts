import { type DynamicModule, Module } from '@nestjs/common';
import { HealthRegistry } from '../health/health-registry';
import { LOGGER, type Logger } from '../logging/logger';
import { Metrics } from '../metrics/metrics';
import { ProcessShutdown } from '../shutdown/process-shutdown';
import { HealthController } from './health.controller';

interface PlatformParts {
  readonly logger: Logger;
  readonly health: HealthRegistry;
  readonly metrics: Metrics;
  readonly shutdown: ProcessShutdown;
}

/**
 * GET /healthz, /readyz, /metrics for any Nest application, and, for injection anywhere in it,
 * `HealthRegistry`, `Metrics`, `ProcessShutdown` and `@Inject(LOGGER) logger: Logger`.
 */
@Module({})
export class PlatformHttpModule {
  static register(parts: PlatformParts): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: parts.logger },
      { provide: HealthRegistry, useValue: parts.health },
      { provide: Metrics, useValue: parts.metrics },
      { provide: ProcessShutdown, useValue: parts.shutdown },
    ];
    return {
      module: PlatformHttpModule,
      global: true,
      controllers: [HealthController],
      providers,
      exports: providers.map((provider) => provider.provide),
    };
  }
}

import { type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { type HttpConfig, type LogConfig } from '../config/fragments';
import { Fatal } from '../errors/errors';
import { HealthRegistry } from '../health/health-registry';
import { PlatformHttpModule } from '../http/platform-http.module';
import { createLogger, type Logger } from '../logging/logger';
import { NestLogger } from '../logging/nest-logger';
import { Metrics } from '../metrics/metrics';
import { exitWithParent } from '../shutdown/exit-with-parent';
import { ProcessShutdown } from '../shutdown/process-shutdown';
import { startTracing } from '../tracing/start-tracing';

export interface ServiceOptions {
  /** The service's id: `coordinator-1`, `node-2`, `submitter`, `auditor`. */
  readonly service: string;
  readonly config: HttpConfig & LogConfig;
  readonly module: Type | DynamicModule;
}

/** The empty module at the top: the platform's parts beside the service's own module. */
class ServiceRoot {}

/**
 * Runs one service process: logger, HTTP server with health and metrics, signals, the parent's death, and an
 * end with status 1 on any error that nobody handled. Resolves when the HTTP port is open. The readiness part
 * `process` is set here; each service adds its own parts.
 */
export async function runService(options: ServiceOptions): Promise<void> {
  const { service, config } = options;
  const logger = createLogger(service, config.LOG_LEVEL);
  logWarnings(logger);
  const health = new HealthRegistry();
  const shutdown = new ProcessShutdown(health, logger);
  health.set('process', false, 'starting');
  process.on('unhandledRejection', (reason) => {
    logger.fatal({ err: reason }, 'unhandled rejection');
    process.exit(1);
  });
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception');
    process.exit(1);
  });
  shutdown.listenToSignals();
  exitWithParent(() => void shutdown.stop('the parent process is gone', 0));

  try {
    const sendLastSpans = await startTracing(service, config);
    const platform = { logger, health, metrics: serviceMetrics(service, health), shutdown };
    const app = await NestFactory.create<NestExpressApplication>(
      { module: ServiceRoot, imports: [PlatformHttpModule.register(platform), options.module] },
      { logger: new NestLogger(logger), abortOnError: false, forceCloseConnections: true },
    );
    app.disable('x-powered-by');
    shutdown.onClose(async () => {
      await app.close();
      await sendLastSpans();
    });
    await listen(app, config);
    health.set('process', true);
    logger.info({ url: await app.getUrl(), pid: process.pid }, 'listening');
  } catch (error) {
    await shutdown.fail(error);
  }
}

/** What Node.js warns of becomes a line of the log, where it would print text among them. */
function logWarnings(logger: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    const level = warning.name === 'DeprecationWarning' ? 'debug' : 'warn';
    logger[level]({ err: warning }, 'Node.js warns');
  });
}

function serviceMetrics(service: string, health: HealthRegistry): Metrics {
  const metrics = new Metrics(service);
  metrics.gauge({
    name: 'ready',
    help: '1 for each part of the service that is ready; /readyz has the reasons of the others.',
    labelNames: ['part'],
    collect() {
      for (const { name, ready } of health.reasons()) this.set({ part: name }, ready ? 1 : 0);
    },
  });
  return metrics;
}

/** @throws Fatal `port-taken` that names the setting to change. */
async function listen(app: NestExpressApplication, config: HttpConfig): Promise<void> {
  try {
    await app.listen(config.HTTP_PORT, config.HTTP_HOST);
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'EADDRINUSE') throw cause;
    throw new Fatal(
      'port-taken',
      `HTTP_PORT ${config.HTTP_PORT} on ${config.HTTP_HOST} is taken: stop what uses it, or set HTTP_PORT to a free port`,
    );
  }
}

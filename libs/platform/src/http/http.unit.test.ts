import { Controller, Get, Module, Param } from '@nestjs/common';
import { APP_FILTER, NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { Conflict, Unavailable } from '../errors/errors';
import { HealthRegistry } from '../health/health-registry';
import { createLogger } from '../logging/logger';
import { Metrics } from '../metrics/metrics';
import { ProcessShutdown } from '../shutdown/process-shutdown';
import { PlatformHttpModule } from './platform-http.module';
import { problems } from './problem';
import { ProblemFilter } from './problem.filter';

@Controller('things')
class ThingsController {
  @Get(':what')
  thing(@Param('what') what: string): never {
    if (what === 'none') throw problems.notFound('there is no thing none');
    if (what === 'away') throw new Unavailable('database', 'Postgres is away');
    if (what === 'taken') throw new Conflict('version', 'somebody was first');
    throw new Error('a detail that nobody outside should read');
  }
}

@Module({
  controllers: [ThingsController],
  providers: [{ provide: APP_FILTER, useClass: ProblemFilter }],
})
class ThingsModule {}

class Root {}

let app: NestExpressApplication;
let url: string;
const health = new HealthRegistry();
const metrics = new Metrics('things');

beforeAll(async () => {
  const logger = createLogger('things', 'silent');
  const platform = { logger, health, metrics, shutdown: new ProcessShutdown(health, logger) };
  app = await NestFactory.create<NestExpressApplication>(
    { module: Root, imports: [PlatformHttpModule.register(platform), ThingsModule] },
    { logger: false },
  );
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterAll(() => app.close());

describe('health and metrics', () => {
  it('is alive while it is not ready, and says what is missing', async () => {
    health.set('kafka', false, 'partitions not assigned yet');
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const notReady = await fetch(`${url}/readyz`);
    expect(notReady.status).toBe(503);
    expect(await notReady.json()).toEqual({
      status: 'not ready',
      parts: [{ name: 'kafka', ready: false, reason: 'partitions not assigned yet' }],
    });
    health.set('kafka', true);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it('serves metrics with the project prefix and the service', async () => {
    metrics.counter({ name: 'things_total', help: 'Things.' }).inc();
    const response = await fetch(`${url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('quorate_things_total{service="things"} 1');
  });
});

describe('problem documents', () => {
  it.each([
    ['/things/none', 404, 'not-found', 'there is no thing none'],
    ['/nothing/here', 404, 'not-found', 'GET /nothing/here'],
    ['/things/away', 503, 'unavailable', 'Postgres is away'],
    ['/things/taken', 409, 'conflict', 'somebody was first'],
    ['/things/%ZZ', 400, 'invalid-parameter', '%ZZ'],
    ['/things/bug', 500, 'unexpected', 'See the log'],
  ])('%s gives %i', async (path, status, type, detail) => {
    const response = await fetch(`${url}${path}`);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await response.json()) as Record<string, unknown>;
    expect(problem).toMatchObject({ type: `urn:quorate:problem:${type}`, status });
    expect(problem['detail']).toContain(detail);
  });
});

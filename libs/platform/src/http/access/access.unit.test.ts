import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Controller, Get, Module, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type NestExpressApplication } from '@nestjs/platform-express';
import { httpApiConfig, type HttpApiConfig, tokensBeyondLoopback } from '../../config/fragments';
import { parseConfig } from '../../config/load-config';
import { HealthRegistry } from '../../health/health-registry';
import { createLogger } from '../../logging/logger';
import { Metrics } from '../../metrics/metrics';
import { ProcessShutdown } from '../../shutdown/process-shutdown';
import {
  type ApiDescription,
  type ApiOperation,
  jsonAnswer,
  pathParameter,
} from '../api-reference/api-description';
import { HttpApiModule } from '../http-api.module';
import { PlatformHttpModule } from '../platform-http.module';
import { type HttpRole, HttpTokens } from './http-tokens';
import { Call, type CallRecord } from './read-log';

@Controller('v1/things')
class ThingsController {
  @Get(':name')
  thing(@Param('name') name: string, @Call() call: CallRecord): { name: string } {
    call.entries = 3;
    return { name };
  }

  @Post(':name/sell')
  sell(): { sold: boolean } {
    return { sold: true };
  }

  @Get(':name/undescribed')
  undescribed(): string {
    return 'nobody said that this is here';
  }
}

@Controller()
class PageController {
  @Get()
  page(): string {
    return 'a page';
  }
}

const operation = (role: HttpRole): ApiOperation => ({
  ...{
    summary: 'A thing',
    description: 'As it is.',
    roles: [role],
    parameters: [pathParameter('name', 'Name.')],
  },
  ...{ answer: jsonAnswer({ type: 'object' }), problems: [] },
});
const description: ApiDescription = {
  ...{ title: 'Things', introduction: 'All things.', schemas: {}, example: 'curl' },
  operations: { '/v1/things/{name}': operation('reader') },
  commands: { '/v1/things/{name}/sell': operation('operator') },
};

class Root {}

const PROBLEM = expect.stringMatching(/^application\/problem\+json/) as string;

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

/** An API on a free port, with what it logs. */
class Things {
  readonly lines: { msg: string; call?: Record<string, unknown> }[] = [];
  private constructor(private readonly app: NestExpressApplication) {}

  static async start(config: Partial<HttpApiConfig> = {}): Promise<Things> {
    const lines: Things['lines'] = [];
    const logger = createLogger('things', 'info', {
      write: (line) => void lines.push(JSON.parse(line) as Things['lines'][number]),
    });
    const health = new HealthRegistry();
    const shutdown = new ProcessShutdown(health, logger);
    const platform = { logger, health, metrics: new Metrics('things'), shutdown };
    @Module({
      imports: [
        HttpApiModule.register(description, { ...parseConfig(httpApiConfig, { HTTP_PORT: '0' }), ...config }),
      ],
      controllers: [ThingsController, PageController],
    })
    class ThingsModule {}
    const app = await NestFactory.create<NestExpressApplication>(
      { module: Root, imports: [PlatformHttpModule.register(platform), ThingsModule] },
      { logger: false, abortOnError: false, forceCloseConnections: true },
    );
    await app.listen(0, '127.0.0.1');
    return Object.assign(new Things(app), { lines });
  }

  async call(path: string, { method = 'GET', ...headers }: Record<string, string> = {}): Promise<Answer> {
    const url = new URL(await this.app.getUrl());
    return new Promise((resolve, reject) => {
      const { hostname, port } = url;
      send({ hostname, port, path, method, headers }, (response) => {
        const { statusCode: status = 0, headers: received } = response;
        text(response).then((body) => resolve({ status, headers: received, body }), reject);
      })
        .on('error', reject)
        .end();
    });
  }

  stop(): Promise<void> {
    return this.app.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'quorate-tokens-'));
const file = join(folder, 'tokens.json');
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const entry = (name: string, ...roles: string[]) => ({
  ...{ name, roles, sha256: createHash('sha256').update(`token-of-${name}`).digest('hex') },
});
const write = (...tokens: object[]) => writeFileSync(file, JSON.stringify({ tokens }), { mode: 0o600 });

beforeEach(() => write(entry('ann', 'reader'), entry('otto', 'reader', 'operator')));
afterAll(() => rmSync(folder, { recursive: true }));

describe('an API with tokens', () => {
  let things: Things;
  beforeEach(async () => {
    things = await Things.start({ HTTP_TOKENS_FILE: file });
  });
  afterEach(() => things.stop());

  it('is for those whose token has the role', async () => {
    expect(await things.call('/v1/things/a', bearer('token-of-ann'))).toMatchObject({ status: 200 });
    expect(
      await things.call('/v1/things/a/sell', { method: 'POST', ...bearer('token-of-otto') }),
    ).toMatchObject({
      status: 201,
    });
    const refused = await things.call('/v1/things/a/sell', { method: 'POST', ...bearer('token-of-ann') });
    expect(refused).toMatchObject({ status: 403, headers: { 'content-type': PROBLEM } });
    expect(refused.headers['www-authenticate']).toContain('scope="operator"');
    expect(refused.body).toContain('The token ann lacks the role operator');
  });

  it.each([
    [undefined, 'Bearer realm="quorate"', 'Send a token'],
    ['Bearer', 'Bearer realm="quorate", error="invalid_token"', 'cannot be read'],
    ['Basic YTpi', 'Bearer realm="quorate", error="invalid_token"', 'cannot be read'],
    ['Bearer nobodys', 'Bearer realm="quorate", error="invalid_token"', 'The token is not known'],
  ])('answers %p with 401 and what to do', async (authorization, challenge, detail) => {
    const answer = await things.call('/v1/things/a', authorization === undefined ? {} : { authorization });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toBe(challenge);
    expect(JSON.parse(answer.body)).toMatchObject({
      type: 'urn:quorate:problem:unauthenticated',
      detail: expect.stringContaining(detail) as string,
    });
  });

  it.each(['/V1/things/a', '/v1/things/a/', '/v1/things/%61', '/v1/things/a?x=/healthz', '/v1/./things/a'])(
    'is not fooled by another spelling: %s',
    async (path) => expect((await things.call(path)).status).not.toBe(200),
  );

  it('shows health, metrics, its description and pages to everybody', async () => {
    for (const path of ['/healthz', '/metrics', '/openapi.json', '/docs', '/'])
      expect([path, (await things.call(path)).status]).toEqual([path, 200]);
  });

  it('opens what is not described to nobody', async () => {
    const answer = await things.call('/v1/things/a/undescribed', bearer('token-of-otto'));
    expect(answer).toMatchObject({ status: 403 });
  });

  it('answers no more wrong tokens after many; who was here before is not locked out', async () => {
    await things.call('/v1/things/a', bearer('token-of-ann'));
    const statuses: number[] = [];
    for (let n = 0; n < 25; n += 1)
      statuses.push((await things.call('/v1/things/a', bearer(`wrong-${n}`))).status);
    expect(new Set(statuses.slice(0, 20))).toEqual(new Set([401]));
    expect(statuses.slice(-1)).toEqual([429]);
    expect(await things.call('/v1/things/a', bearer('token-of-otto'))).toMatchObject({
      status: 429,
      headers: { 'retry-after': expect.stringMatching(/^[1-3]$/) as string },
    });
    expect((await things.call('/v1/things/a', bearer('token-of-ann'))).status).toBe(200);
  });

  it('answers other methods with 405, and what is no HTTP or too long with a problem, too', async () => {
    expect(await things.call('/v1/things/a', { method: 'DELETE' })).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
    const long = await things.call(`/v1/things/${'a'.repeat(20_000)}`);
    expect(long).toMatchObject({ status: 431, headers: { 'content-type': PROBLEM } });
    const json = await things.call('/v1/things/a', { ...bearer('token-of-ann'), accept: 'image/png' });
    expect(json).toMatchObject({ status: 406 });
  });

  it('logs who asked for what and how much they got, and no token', async () => {
    await things.call('/v1/things/a?color=red&access_token=token-of-otto', bearer('token-of-ann'));
    await things.call('/v1/things/token-of-nobody', bearer('token-of-nobody'));
    // An answer is logged when it has ended, which its receiver may see first.
    await things.call('/healthz');
    const calls = things.lines.flatMap(({ call }) => call ?? []);
    expect(calls).toEqual([
      expect.objectContaining({
        ...{ who: 'ann', address: '127.0.0.1', method: 'GET', path: '/v1/things/a', entries: 3, status: 200 },
        query: 'color=red&access_token=[secret]',
      }),
      expect.objectContaining({ who: null, path: '/v1/things/[secret]', status: 401 }),
    ]);
    expect(JSON.stringify(things.lines)).not.toContain('token-of');
  });

  it('measures calls by route and status', async () => {
    await things.call('/v1/things/a', bearer('token-of-ann'));
    await things.call('/v1/things/b');
    const { body } = await things.call('/metrics');
    const counted = (status: number) =>
      `quorate_http_request_seconds_count{service="things",route="/v1/things/:name",method="GET",status="${status}"} 1`;
    expect(body).toContain(counted(200));
    expect(body).toContain(counted(401));
  });
});

it('takes so many calls of a token, and tells the others when to come again', async () => {
  const things = await Things.start({ HTTP_TOKENS_FILE: file, HTTP_CALLS_PER_SECOND: 1 });
  const statuses: number[] = [];
  for (let n = 0; n < 30; n += 1)
    statuses.push((await things.call('/v1/things/a', bearer('token-of-ann'))).status);
  expect(new Set(statuses.slice(0, 10))).toEqual(new Set([200]));
  expect(statuses).toContain(429);
  expect((await things.call('/v1/things/a', bearer('token-of-otto'))).status).toBe(200);
  await things.stop();
});

describe('an API without tokens', () => {
  let things: Things;
  beforeEach(async () => {
    things = await Things.start();
  });
  afterEach(() => things.stop());

  it('does what this machine asks for', async () => {
    for (const host of ['127.0.0.1:8083', 'localhost', '[::1]:1'])
      expect((await things.call('/v1/things/a', { host })).status).toBe(200);
    const own = { host: 'localhost:8083', origin: 'http://localhost:8083' };
    expect((await things.call('/v1/things/a/sell', { method: 'POST', ...own })).status).toBe(201);
  });

  it.each([
    ['under the name of a web page (DNS rebinding)', { host: 'evil.example:8083' }],
    ['from a web page (CSRF)', { host: '127.0.0.1:8083', origin: 'https://evil.example' }],
    ['from a page without origin', { host: '127.0.0.1:8083', origin: 'null' }],
  ])('refuses what comes %s', async (_, headers) => {
    const answer = await things.call('/v1/things/a/sell', { method: 'POST', ...headers });
    expect(answer).toMatchObject({ status: 403, headers: { 'content-type': PROBLEM } });
    expect(answer.body).toContain('HTTP_TOKENS_FILE');
  });

  it('listens on this machine only', () => {
    const schema = tokensBeyondLoopback(httpApiConfig);
    const start = (env: object) => parseConfig(schema, { HTTP_PORT: '1', ...env });
    expect(() => start({ HTTP_HOST: '0.0.0.0' })).toThrow(/HTTP_HOST is wrong: .*set it, or use 127.0.0.1/);
    expect(start({ HTTP_HOST: '0.0.0.0', HTTP_TOKENS_FILE: file })).toMatchObject({ HTTP_HOST: '0.0.0.0' });
    expect(start({ HTTP_HOST: '::1' })).toMatchObject({ HTTP_HOST: '::1' });
  });
});

describe('HTTP_TOKENS_FILE', () => {
  const silent = createLogger('test', 'silent');

  it.each([
    ['is no JSON', 'tokens', 'JSON'],
    [
      'holds a token itself',
      JSON.stringify({ tokens: [{ name: 'a', token: 'x', roles: ['reader'] }] }),
      'sha256',
    ],
    ['has a role that is none', JSON.stringify({ tokens: [entry('a', 'admin')] }), 'expected reader'],
    [
      'has a name twice',
      JSON.stringify({ tokens: [entry('a', 'reader'), entry('a', 'reader')] }),
      'every name once',
    ],
  ])('is refused when it %s', (_, content, problem) => {
    writeFileSync(file, content);
    expect(() => HttpTokens.load(file, silent)).toThrow(problem);
  });

  it.each([0o604, 0o644, 0o620, 0o610])(
    'is refused when others can read it or its group more than that (%o)',
    (mode) => {
      chmodSync(file, mode);
      expect(() => HttpTokens.load(file, silent)).toThrow(`mode ${mode.toString(8)}): chmod 600 ${file}`);
      chmodSync(file, 0o600);
    },
  );

  it('may be read by its group, as a Secret of Kubernetes is', () => {
    chmodSync(file, 0o440);
    HttpTokens.load(file, silent).close();
    chmodSync(file, 0o600);
  });

  it('is read again; what is wrong in it changes nothing', () => {
    const tokens = HttpTokens.load(file, silent);
    write(entry('eve', 'reader'));
    tokens.reload();
    expect([tokens.holder('token-of-ann'), tokens.holder('token-of-eve')?.name]).toEqual([undefined, 'eve']);
    writeFileSync(file, '{');
    tokens.reload();
    expect(tokens.holder('token-of-eve')?.name).toBe('eve');
    tokens.close();
  });
});

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { callApi } from './foreign-client';
import { quorate } from './operator';
import { readStack } from './running-stack';

jest.setTimeout(60_000);

const stack = readStack();
const { audit, submitter } = stack;
const root = join(dirname(process.env['QUORATE_STACK_FILE'] ?? ''), '..');
const tokens = [audit.token, audit.witnessToken, submitter.token];

describe('the HTTP APIs of a stack', () => {
  it.each([
    ['the auditor', audit, '/v1/events'],
    ['the auditor', audit, '/log/0/checkpoint'],
    ['the submitter', submitter, '/v1/lanes'],
  ])('need a token: %s', async (_, service, path) => {
    expect((await fetch(new URL(path, service.url))).status).toBe(401);
    expect((await callApi({ ...service, token: 'x'.repeat(43) }, path)).status).toBe(401);
    expect((await callApi(service, path)).status).toBe(200);
  });

  it('take no token for another service, and none for more than its role', async () => {
    expect((await callApi({ ...submitter, token: audit.token }, '/v1/lanes')).status).toBe(401);
    const witness = { ...audit, token: audit.witnessToken };
    expect((await callApi(witness, '/v1/checkpoint')).status).toBe(200);
    expect((await callApi(witness, '/v1/events')).status).toBe(403);
    expect((await callApi(audit, '/v1/cosignatures', 'POST')).status).toBe(403);
  });

  it('log who read what; no log, and no file but those of their owner, has a token', async () => {
    await quorate('audit', 'list', '--type', 'quorate.nobody.wrote.this.v1');
    const logs = () =>
      readdirSync(join(root, 'logs')).map((name) => readFileSync(join(root, 'logs', name), 'utf8'));
    const lines = () =>
      logs().flatMap((log) => log.split('\n').filter((line) => line.includes('nobody.wrote.this')));
    while (lines().length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(JSON.parse(lines()[0] ?? '')).toMatchObject({
      call: { who: 'operator', method: 'GET', path: '/v1/events', entries: 0, status: 200 },
    });
    for (const token of tokens) expect(logs().some((log) => log.includes(token))).toBe(false);
    for (const folder of ['data/tokens', 'data/config']) {
      const names = readdirSync(join(root, folder)).filter((name) => name.includes('token'));
      expect(names).not.toEqual([]);
      for (const name of names) expect(statSync(join(root, folder, name)).mode & 0o777).toBe(0o600);
    }
    const hashed = readFileSync(join(root, 'data/config/http-tokens-auditor.json'), 'utf8');
    for (const token of tokens) expect(hashed).not.toContain(token);
  });
});

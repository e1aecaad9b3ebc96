import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { createLogger } from '@quorate/platform';

import { parseEndpoints } from './endpoint-file';
import { Endpoints } from './endpoints';

const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'quorate-webhooks-'));
  file = join(folder, 'webhooks.json');
  writeFileSync(join(folder, 'secret'), `${secret}\n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const entry = {
  ...{ id: 'books', url: 'https://hooks.example.com/quorate?key=x7', secretFile: 'secret' },
  ...{ requesters: ['alice'], statuses: ['confirmed', 'failed'] },
};
const parse = (...changes: object[]) =>
  parseEndpoints(JSON.stringify({ endpoints: changes.map((change) => ({ ...entry, ...change })) }), file);

describe('WEBHOOKS_FILE', () => {
  it('names endpoints, whose secrets lie in files beside it', () => {
    const [endpoint] = parse({ pending: { everySeconds: 60 } });
    expect(endpoint).toMatchObject({
      ...{ id: 'books', requesters: ['alice'], statuses: ['confirmed', 'failed'] },
      ...{ pendingEveryMs: 60_000, concurrency: 8 },
    });
    expect(endpoint?.secrets.map((one) => one.reveal().length)).toEqual([32]);
    expect(inspect(endpoint, { depth: 5 })).not.toContain(secret.slice(6, 20));
  });

  it.each([
    ['endpoints.0.id', { id: 'a b' }],
    ['endpoints.0.url', { url: 'nowhere' }],
    ['endpoints.0.url: expected https', { url: 'http://hooks.example.com/' }],
    ['endpoints.0.url: expected https', { url: 'ftp://hooks.example.com/', allow: { http: true } }],
    ['endpoints.0.url: expected no user', { url: 'https://alice:x7@hooks.example.com/' }],
    ['endpoints.0.url: port 6379', { url: 'https://hooks.example.com:6379/' }],
    ['endpoints.0.url: port 80 ', { url: 'https://hooks.example.com:80/' }],
    ['endpoints.0.url: the address is not public', { url: 'https://169.254.169.254/latest' }],
    ['endpoints.0.url: the address is not public', { url: 'https://2130706433/' }],
    ['endpoints.0.url: the address is not public', { url: 'https://[::1]/' }],
    ['endpoints.0.url: the address is not public', { url: 'https://[::ffff:8.8.8.8]/' }],
    ['endpoints.0.secretFile', { secretFile: 'missing' }],
    ['endpoints.0.requesters', { requesters: [] }],
    ['endpoints.0.requesters', { requesters: undefined }],
    ['endpoints.0.statuses', { statuses: [] }],
    ['endpoints.0.statuses.0', { statuses: ['broadcast'] }],
    ['endpoints.0.pending.everySeconds', { pending: { everySeconds: 1 } }],
    ['endpoints.0.concurrency', { concurrency: 0 }],
    ['endpoints.0.allow.networks.0', { allow: { networks: ['10.0.0.1'] } }],
    ['endpoints.0.allow.ports.0', { allow: { ports: [0] } }],
    ['endpoints.0', { color: 'red' }],
  ])('is refused with the name of the field: %s', (expected, change) => {
    expect(() => parse(change)).toThrow(expected);
    try {
      parse(change);
    } catch (error) {
      expect(inspect(error)).not.toContain('x7');
    }
  });

  it('may allow http, other ports and private networks, one by one', () => {
    const url = 'http://10.1.2.3:9000/';
    const allow = { http: true, ports: [9000], networks: ['10.1.0.0/16'] };
    expect(parse({ url, allow })).toHaveLength(1);
    for (const name of ['http', 'ports', 'networks']) {
      expect(() => parse({ url, allow: { ...allow, [name]: undefined } })).toThrow('endpoints.0.url');
    }
  });

  it('has every id once', () => {
    expect(() => parse({}, {})).toThrow('every id once');
    expect(parse({}, { id: 'other' })).toHaveLength(2);
  });

  it('refuses secrets that are none, or too many, and does not show them', () => {
    writeFileSync(join(folder, 'secret'), 'whsec_c2hvcnQ=');
    expect(() => parse({})).toThrow(/endpoints\.0\.secretFile: .*line 1: expected whsec_/);
    writeFileSync(join(folder, 'secret'), `${secret}\n`.repeat(5));
    expect(() => parse({})).toThrow('at most 4 secrets');
    expect(() => parse({})).not.toThrow(secret.slice(6, 20));
  });
});

describe('Endpoints', () => {
  const logger = createLogger('test', 'silent');
  const write = (content: unknown) => writeFileSync(file, JSON.stringify(content));

  it('are none without a file', () => {
    const endpoints = Endpoints.load(undefined, logger);
    expect(endpoints.of('alice')).toEqual([]);
    endpoints.close();
  });

  it('stop the start when the file is wrong, and stay as they are when a new one is', () => {
    expect(() => Endpoints.load(file, logger)).toThrow('webhooks.json cannot be read');
    write({ endpoints: [entry] });
    const endpoints = Endpoints.load(file, logger);
    const reloaded = jest.fn();
    endpoints.onReload(reloaded);
    write({ endpoints: [{ ...entry, requesters: '*' }] });
    process.emit('SIGHUP', 'SIGHUP');
    expect(endpoints.of('bob').map(({ id }) => id)).toEqual(['books']);
    write({ endpoints: [{ ...entry, url: 7 }] });
    process.emit('SIGHUP', 'SIGHUP');
    expect(endpoints.of('bob')).toHaveLength(1);
    expect(reloaded).toHaveBeenCalledTimes(1);
    endpoints.close();
  });

  it('hear of the requesters that they name', () => {
    write({ endpoints: [entry] });
    const endpoints = Endpoints.load(file, logger);
    expect(endpoints.of('alice')).toHaveLength(1);
    expect(endpoints.of('bob')).toEqual([]);
    endpoints.close();
  });
});

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, type SecureContext } from 'node:tls';
import { promisify } from 'node:util';

import { stackFolders } from '../../../../deploy/embedded/files/stack-folders';
import { prepareCertificates } from '../../../../deploy/embedded/identities/certificates';
import { attempt, type AttemptResult } from './attempt';
import { type Endpoint } from './endpoint';
import { NetworkRules } from './network-rules';
import { parseSecrets } from './signature';
import { Receiver } from './testing/receiver';
import { testSecret } from './testing/webhook-bench';

jest.setTimeout(60_000);

/** Where an attempt connects to, and where it does not. */
describe('an attempt', () => {
  let receiver: Receiver;
  /** Host names that were looked up. */
  let lookedUp: string[];

  beforeEach(async () => {
    receiver = await Receiver.start();
    lookedUp = [];
  });
  afterEach(() => receiver.stop());

  const make = (url: string, networks: string[], answers: string[][], n = 1): Promise<AttemptResult> => {
    const endpoint: Endpoint = {
      ...{ id: 'books', url: new URL(url), secrets: parseSecrets(testSecret), requesters: '*', statuses: [] },
      ...{ pendingEveryMs: undefined, concurrency: 1, networks: new NetworkRules(networks) },
    };
    const resolve = async (host: string) => {
      lookedUp.push(host);
      return answers.shift() ?? [];
    };
    const message = { eventId: 'e', body: Buffer.from('{}'), attempt: n };
    return attempt(endpoint, message, resolve, Date.now(), new AbortController().signal);
  };
  const named = () => `http://hooks.test:${receiver.port}/path?x=1`;

  it('looks the name up once and connects to that address, under the name', async () => {
    const result = await make(named(), ['127.0.0.1/32'], [['127.0.0.1']]);
    expect(result).toEqual({ verdict: 'delivered', detail: 'HTTP 204' });
    expect(lookedUp).toEqual(['hooks.test']);
    expect(receiver.received).toMatchObject([
      { path: '/path?x=1', headers: { host: `hooks.test:${receiver.port}` }, body: '{}' },
    ]);
  });

  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1', '169.254.169.254', '10.0.0.1', 'fd00::1', '0.0.0.0'])(
    'does not connect to %s that a name leads to',
    async (address) => {
      const result = await make(named(), [], [[address]]);
      expect(result.verdict).toBe('address-refused');
      expect(receiver.received).toEqual([]);
    },
  );

  it('connects to none of the addresses when one of them is not allowed', async () => {
    for (const addresses of [
      ['127.0.0.1', '10.0.0.1'],
      ['10.0.0.1', '127.0.0.1'],
      ['127.0.0.1', '::1'],
    ]) {
      expect((await make(named(), ['127.0.0.0/8'], [addresses])).verdict).toBe('address-refused');
    }
    expect(receiver.received).toEqual([]);
  });

  it('decides anew with each look-up: a name that moves to a private address is refused from then on', async () => {
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1']];
    const verdicts = [];
    for (let n = 1; n <= 3; n += 1)
      verdicts.push((await make(named(), ['127.0.0.1/32'], answers, n)).verdict);
    expect(verdicts).toEqual(['delivered', 'address-refused', 'delivered']);
    expect(lookedUp).toHaveLength(3);
  });

  it('refuses an address in the URL as well, without a look-up', async () => {
    expect((await make(receiver.url(), [], [])).verdict).toBe('address-refused');
    expect((await make(`http://[::1]:${receiver.port}/`, [], [])).verdict).toBe('address-refused');
    expect((await make(receiver.url(), ['127.0.0.1/32'], [])).verdict).toBe('delivered');
    expect(lookedUp).toEqual([]);
  });

  it('tries the next of several addresses with the next attempt', async () => {
    const addresses = ['127.0.0.9', '127.0.0.1'];
    const verdicts = [];
    for (const n of [1, 2]) verdicts.push((await make(named(), ['127.0.0.0/8'], [addresses], n)).verdict);
    // The receiver listens on 127.0.0.1 only.
    expect(verdicts).toEqual(['unreachable', 'delivered']);
  });

  it('says so when a name has no address', async () => {
    expect((await make(named(), [], [[]])).verdict).toBe('unresolved');
  });

  it('keeps to itself what the receiver says, but for its status', async () => {
    receiver.answer = () => (response) =>
      response.writeHead(403, { 'retry-after': '17', 'x-note': 'root:x:0' }).end('root:x:0');
    expect(await make(named(), ['127.0.0.1/32'], [['127.0.0.1']])).toEqual({
      ...{ verdict: 'client-error', detail: 'HTTP 403', retryAfterMs: 17_000 },
    });
  });

  it('wants a certificate of the name, not of the address, by an authority that it trusts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-tls-'));
    // Good for localhost and 127.0.0.1.
    const {
      caFile = '',
      certFile = '',
      keyFile = '',
    } = (await prepareCertificates(stackFolders(folder), ['receiver'])).get('receiver') ?? {};
    const names: string[] = [];
    const requests: string[] = [];
    const certificate = { key: readFileSync(keyFile), cert: readFileSync(certFile) };
    const SNICallback = (name: string, use: (error: null, context: SecureContext) => void) => {
      names.push(name);
      use(null, createSecureContext(certificate));
    };
    const server = createServer({ ...certificate, SNICallback }, ({ url }, response) => {
      requests.push(url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const results = [];
    for (const [host, env] of [
      ['localhost', { NODE_EXTRA_CA_CERTS: caFile }],
      ['hooks.test', { NODE_EXTRA_CA_CERTS: caFile }],
      ['localhost', {}],
    ] as const) {
      results.push(await attemptElsewhere(`https://${host}:${port}/${host}`, env));
    }
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
    expect(results).toEqual([
      { verdict: 'delivered', detail: 'HTTP 200' },
      { verdict: 'unreachable', detail: 'no answer: ERR_TLS_CERT_ALTNAME_INVALID' },
      { verdict: 'unreachable', detail: 'no answer: UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    ]);
    expect(names).toEqual(['localhost', 'hooks.test', 'localhost']);
    expect(requests).toEqual(['/localhost']);
  });
});

/** Authorities are trusted from the start of a process. */
async function attemptElsewhere(url: string, env: Record<string, string>): Promise<unknown> {
  const register = join(__dirname, '../../../../test/integration/typescript-register.cjs');
  const script = join(__dirname, 'testing/one-attempt.ts');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--require', register, script, url, testSecret],
    { env: { PATH: process.env['PATH'], ...env } },
  );
  return JSON.parse(stdout);
}

/** docs/deployment.md without containers: the folder, what prepares Kafka and Postgres for it, and services with its environment. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deploymentLayout } from '@quorate/deployment';
import { projectRoot } from '../../deploy/embedded/files/project-root';
import { chainPart, fundOnLocalChain } from '../../deploy/embedded/parts/chain';
import { freePorts } from '../../deploy/embedded/ports/free-ports';
import { until } from '../../deploy/embedded/processes/until';
import { type TemporaryStack, temporaryStack } from '../../deploy/embedded/testing/temporary-stack';
import { startFolderParts } from '../../deploy/prepare/testing/folder-parts';
import { allReady } from './running-stack';

jest.setTimeout(180_000);

const run = promisify(execFile);
const DIST = join(projectRoot(), 'dist');
const CLI = join(DIST, 'apps/cli/src/main.js');
const APPS = {
  node: 'mpc-worker',
  coordinator: 'coordinator',
  submitter: 'tx-submitter',
  auditor: 'auditor',
};
type App = keyof typeof APPS;

/** The variables of a block of the page, such as \`\`\`sh node. */
function documented(block: string): [string, string][] {
  const page = readFileSync(join(projectRoot(), 'docs/deployment.md'), 'utf8');
  const [, text = ''] = new RegExp(`^\`\`\`sh ${block}\n([^\`]*)`, 'm').exec(page) ?? [];
  return text
    .trim()
    .split('\n')
    .map((line): [string, string] => {
      const [name = '', ...value] = line.split('=');
      return [name, value.join('=')];
    });
}

describe('a deployment folder', () => {
  let temporary: TemporaryStack;
  let root = '';
  let ports: Record<string, number> = {};
  let kafkaBrokers = '';
  /** Everything that the commands and programs have printed. */
  let printed = '';
  const children: ChildProcess[] = [];

  /** What --json prints, also of a command that fails. */
  const quorate = async <T>(...args: string[]): Promise<T> => {
    const env = { ...process.env, ...portVariables(), QUORATE_STACK_FILE: undefined };
    const command = [CLI, '--json', ...args];
    const { stdout, stderr } = await run(process.execPath, command, { env, cwd: join(root, '..') }).catch(
      (failed: { stdout: string; stderr: string }) => failed,
    );
    printed += stdout + stderr;
    return JSON.parse(stdout) as T;
  };
  const portVariables = () => ({
    QUORATE_KAFKA_PORT: String(ports['kafka']),
    QUORATE_CHAIN_PORT: String(ports['chain']),
    QUORATE_GRPC_PORT: String(ports['grpc']),
    QUORATE_COORDINATOR_PORT: String(ports['coordinator-1']),
    QUORATE_SUBMITTER_PORT: String(ports['submitter']),
    QUORATE_AUDITOR_PORT: String(ports['auditor']),
    ...Object.fromEntries([1, 2, 3].map((n) => [`QUORATE_NODE_${n}_PORT`, String(ports[`node-${n}`])])),
  });
  const stackFile = () =>
    JSON.parse(readFileSync(deploymentLayout(root).stack, 'utf8')) as { key: { address: string } | null };

  /** A service of this name as the page says, with the paths and addresses of this machine. */
  const start = (app: App, kid: string) => {
    const { common, service } = deploymentLayout(root);
    const here = (value: string) =>
      value
        .replace('/etc/quorate/own', service(kid).folder)
        .replace('/etc/quorate/common', common.folder)
        .replace('kafka:9093', kafkaBrokers)
        .replace('coordinator-1:50051', `127.0.0.1:${ports['grpc']}`)
        .replace('chain:8545', `127.0.0.1:${ports['chain']}`)
        .replace(/^node-1$/, kid)
        .replace('0.0.0.0', '127.0.0.1');
    const own: Record<string, string> = {
      HTTP_PORT: String(ports[kid]),
      GRPC_PORT: String(ports['grpc']),
      KAFKA_SASL_USERNAME: kid,
    };
    const variables = [...documented('service'), ...documented(app)].map(
      ([name, value]): [string, string] => [name, own[name] ?? here(value)],
    );
    const log = openSync(join(temporary.folders.logs, `${kid}.log`), 'w');
    const child = spawn(process.execPath, [join(DIST, 'apps', APPS[app], 'src/main.js')], {
      env: {
        PATH: process.env['PATH'],
        ...Object.fromEntries(variables),
        QUORATE_PARENT_WATCH: '1',
      },
      stdio: ['pipe', log, log],
    });
    closeSync(log);
    children.push(child);
  };

  beforeAll(async () => {
    temporary = await temporaryStack();
    root = join(temporary.folders.data, 'deployment');
    const names = ['kafka', 'postgres', 'chain', 'grpc', 'coordinator-1', 'submitter', 'auditor'];
    const all = [...names, 'node-1', 'node-2', 'node-3'];
    const free = await freePorts(all.length);
    ports = Object.fromEntries(all.map((name, index) => [name, free[index] ?? 0]));

    const { folder } = await quorate<{ folder: string }>(
      ...['init', root, '--postgres-host', `127.0.0.1:${ports['postgres']}`],
    );
    expect(folder).toBe(root);
    const { kafka = 0, postgres = 0, chain = 0 } = ports;
    const [prepare] = await Promise.all([
      startFolderParts(temporary, deploymentLayout(root), { kafka, postgres }),
      temporary.supervisor.start(chainPart({ folder: join(temporary.folders.data, 'chain'), port: chain })),
    ]);
    kafkaBrokers = prepare.KAFKA_CLIENTS_BROKERS;
    const prepared = await run(process.execPath, [join(DIST, 'deploy/prepare/main.js')], {
      env: { PATH: process.env['PATH'], ...prepare },
    });
    printed += prepared.stdout + prepared.stderr;
    expect(prepared.stdout).toContain('everything is prepared');

    start('coordinator', 'coordinator-1');
    for (const node of ['node-1', 'node-2', 'node-3']) start('node', node);
    start('submitter', 'submitter');
    start('auditor', 'auditor');
    const services = all.filter((name) => name.includes('-') || name === 'submitter' || name === 'auditor');
    const healths = services.map((name) => `http://127.0.0.1:${ports[name]}`);
    await until(
      'the services',
      async () => {
        if (!(await allReady(healths))) throw new Error(`see ${temporary.folders.logs}`);
      },
      { timeoutMs: 120_000, everyMs: 500 },
    );
  }, 240_000);

  afterAll(async () => {
    const ended = children.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'exit'));
    for (const child of children) child.kill('SIGTERM');
    await Promise.all(ended);
    await temporary.end();
  });

  it('has no key at first, and the commands say so', async () => {
    expect(await quorate('sign', '--message', 'hello')).toMatchObject({ error: { code: 'no-key' } });
    const { findings } = await quorate<{ findings: { part: string; state: string; detail: string }[] }>(
      'doctor',
    );
    expect(findings).toContainEqual(expect.objectContaining({ part: 'key', state: 'warning' }));
    expect(findings.filter(({ state }) => state === 'broken')).toEqual([]);
  });

  it('signs with the first key, which stack.json then names', async () => {
    const key = await quorate<{ keyId: string; address: string }>('keys', 'create');
    expect(stackFile().key).toMatchObject({ keyId: key.keyId, address: key.address, threshold: 2 });
    expect(statSync(deploymentLayout(root).stack).mode & 0o777).toBe(0o600);
    const final = await quorate<{ requestId: string }>('sign', '--message', 'hello', '--timeout', '60');
    expect(final).toMatchObject({ keyId: key.keyId, verified: true });
    const { keys } = await quorate<{ keys: object[] }>('keys', 'list');
    expect(keys).toHaveLength(1);
    expect(await quorate('status', final.requestId)).toMatchObject({ id: final.requestId });
  });

  it('pays, and has what happened in its audit log', async () => {
    const rpcUrl = `http://127.0.0.1:${ports['chain']}`;
    await fundOnLocalChain(rpcUrl, stackFile().key?.address ?? '', 10n ** 18n);
    const to = '0x000000000000000000000000000000000000dEaD';
    const sent = await quorate<{ intentId: string }>('send', '--to', to, '--value', '1000');
    expect(sent).toMatchObject({ type: 'quorate.tx.confirmed.v1' });
    const { events } = await quorate<{ events: { verified: boolean }[] }>('audit', 'list', '--limit', '5');
    expect(events.map(({ verified }) => verified)).toEqual([true, true, true, true, true]);
    expect(await quorate('audit', 'verify')).toMatchObject({ ok: true });
  });

  it('is halted and resumed by its operator', async () => {
    await quorate('halt', '--reason', 'drill');
    const refused = await quorate('sign', '--message', 'halted', '--timeout', '60');
    expect(refused).toMatchObject({ code: 'halted' });
    await quorate('resume');
    await until(
      'the end of the halt',
      async () => {
        const again = await quorate<{ verified?: boolean; code?: string }>(
          'sign',
          '--message',
          'on',
          '--timeout',
          '60',
        );
        if (again.code !== undefined) throw new Error(again.code);
      },
      { timeoutMs: 30_000 },
    );
  });

  it('says which commands need a machine of a service, or what looks after its processes', async () => {
    expect(await quorate('stack', 'status')).toMatchObject({ error: { code: 'no-supervisor' } });
    const backup = ['node', 'backup', 'node-1', '--recovery-key', 'recovery.pub.pem', '--out', 'out.json'];
    expect(await quorate(...backup)).toMatchObject({ error: { code: 'not-here' } });
  });

  it('shows none of its secrets in what it prints or logs', () => {
    const { logs } = temporary.folders;
    const services = readdirSync(logs).map((file) => readFileSync(join(logs, file), 'utf8'));
    const texts = [printed, ...services];
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(
      (file) => file.isFile() && /\.(password|url|token|hex)$|identity\.pem$|key\.pem$/.test(file.name),
    );
    expect(files.length).toBeGreaterThan(40);
    for (const file of files) {
      const content = readFileSync(join(file.parentPath, file.name), 'utf8').trim();
      const lines = content.split('\n').filter((line) => !line.startsWith('-----'));
      for (const line of lines) {
        const secret = URL.canParse(line) ? new URL(line).password : line;
        expect(secret.length).toBeGreaterThan(10);
        expect(texts.filter((text) => text.includes(secret)).map(() => file.name)).toEqual([]);
      }
    }
  });
});

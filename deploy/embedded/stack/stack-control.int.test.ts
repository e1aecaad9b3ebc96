import { request } from 'node:http';
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Part } from '../processes/part';
import { until } from '../processes/until';
import { type TemporaryStack, temporaryStack } from '../testing/temporary-stack';
import { StackControl } from './stack-control';

jest.setTimeout(30_000);

const LIMIT = { timeoutMs: 10_000 };

describe('StackControl', () => {
  let stack: TemporaryStack;
  let control: StackControl;
  let gate: string;
  let refreshes = 0;
  let stops = 0;

  /** A part that is ready while it runs and the gate is open. */
  const steady = (): Part => ({
    name: 'steady',
    stage: 'service',
    stopSignal: 'SIGTERM',
    readyTimeoutMs: 500,
    command: async () => ({
      file: process.execPath,
      args: ['-e', `console.log('at work'); setInterval(() => {}, 1e6)`],
      env: process.env,
    }),
    probe: async () => {
      if (!existsSync(gate)) throw new Error('the gate is shut');
    },
  });

  beforeEach(async () => {
    stack = await temporaryStack();
    gate = join(stack.folders.data, 'gate');
    writeFileSync(gate, '');
    stops = 0;
    refreshes = 0;
    control = await StackControl.start({
      supervisor: stack.supervisor,
      refresh: async () => void refreshes++,
      endAll: async () => void stops++,
    });
    await stack.supervisor.start(steady());
  });
  afterEach(async () => {
    control.stop();
    await stack.end();
  });

  const ask = (method: string, path: string) =>
    new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
      request({ socketPath: control.socket, method, path }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> }),
        );
      })
        .once('error', reject)
        .end();
    });

  it('stops a part, which stays stopped, and starts it again', async () => {
    const pid = stack.pid();
    const stopped = await ask('POST', '/parts/steady/stop');
    expect(stopped.body).toMatchObject({
      parts: [{ name: 'steady', state: 'stopped', pid: null, restarts: 0 }],
    });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(stack.notes).toEqual([]);

    const started = await ask('POST', '/parts/steady/start');
    expect(started.body).toMatchObject({ parts: [{ state: 'ready', pid: stack.pid(), restarts: 0 }] });
    expect(stack.pid()).not.toBe(pid);
    expect((await ask('POST', '/parts/steady/start')).body).toEqual(started.body);
  });

  it('stops a part that waits for its next start', async () => {
    process.kill(stack.pid(), 'SIGKILL');
    await until(
      'its end',
      async () => {
        if (stack.supervisor.parts[0]?.state !== 'starting') throw new Error('still ready');
      },
      LIMIT,
    );
    await ask('POST', '/parts/steady/stop');
    expect((await ask('GET', '/parts')).body).toMatchObject({
      parts: [{ state: 'stopped', pid: null, restarts: 1 }],
    });
  });

  it('goes on watching a part that was stopped and started', async () => {
    await ask('POST', '/parts/steady/stop');
    await ask('POST', '/parts/steady/start');
    const pid = stack.pid();
    process.kill(pid, 'SIGKILL');
    await until(
      'the next one',
      async () => {
        const [part] = stack.supervisor.parts;
        if (part?.state !== 'ready' || part.pid === pid) throw new Error('not yet');
      },
      LIMIT,
    );
  });

  it('takes orders for one part in turn', async () => {
    await Promise.all([
      ask('POST', '/parts/steady/stop'),
      ask('POST', '/parts/steady/start'),
      ask('POST', '/parts/steady/stop'),
    ]);
    expect((await ask('GET', '/parts')).body).toMatchObject({ parts: [{ state: 'stopped' }] });
  });

  it('says why a part does not start, with its last words', async () => {
    await ask('POST', '/parts/steady/stop');
    rmSync(gate);
    const { status, body } = await ask('POST', '/parts/steady/start');
    expect(status).toBe(500);
    expect(JSON.stringify(body)).toMatch(/the gate is shut[\s\S]*steady\.log[\s\S]*at work/);
  });

  it('names the parts when asked for one that there is not', async () => {
    expect(await ask('POST', '/parts/stady/stop')).toMatchObject({
      status: 404,
      body: { error: { code: 'no-such-part', message: 'no part is named stady: steady' } },
    });
    expect((await ask('DELETE', '/parts')).status).toBe(404);
  });

  it('ends the stack once the answer has left', async () => {
    expect((await ask('POST', '/stop')).status).toBe(202);
    await until(
      'the end',
      async () => {
        if (stops !== 1) throw new Error('not yet');
      },
      LIMIT,
    );
  });

  it('has everybody told of new logins', async () => {
    expect((await ask('POST', '/refresh')).status).toBe(200);
    expect(refreshes).toBe(1);
  });

  it('lets nobody else in, and leaves nothing', () => {
    expect(statSync(control.folder).mode & 0o077).toBe(0);
    control.stop();
    expect(existsSync(control.folder)).toBe(false);
  });
});

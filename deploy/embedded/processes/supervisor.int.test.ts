import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryStack, temporaryStack } from '../testing/temporary-stack';
import { type Part } from './part';
import { until } from './until';

/** A part that runs a line of JavaScript, and is ready when it has written its file. */
function scriptPart(name: string, readyFile: string, script: string): Part {
  return {
    name,
    stage: 'service',
    stopSignal: 'SIGTERM',
    readyTimeoutMs: 10_000,
    command: async () => ({ file: process.execPath, args: ['-e', script], env: process.env }),
    probe: async () => {
      if (!existsSync(readyFile)) throw new Error('no file yet');
    },
  };
}

describe('Supervisor', () => {
  let stack: TemporaryStack;
  let readyFile: string;
  beforeEach(async () => {
    stack = await temporaryStack();
    readyFile = join(stack.folders.data, 'ready');
  });
  afterEach(() => stack.end());

  it('starts a killed part again after a second, under another pid', async () => {
    const script = `require('fs').writeFileSync(${JSON.stringify(readyFile)}, String(process.pid)); setInterval(() => {}, 1e6)`;
    await stack.supervisor.start(scriptPart('steady', readyFile, script));
    const first = stack.pid();
    expect(Number(readFileSync(readyFile, 'utf8'))).toBe(first);

    process.kill(first, 'SIGKILL');
    const second = await until(
      'a new process',
      async () => {
        const pid = stack.pid();
        if (pid === first || Number(readFileSync(readyFile, 'utf8')) !== pid) throw new Error('not yet');
        return pid;
      },
      { timeoutMs: 10_000 },
    );
    expect(second).not.toBe(first);
    expect(stack.notes[0]).toBe('steady ended (killed by SIGKILL), starting it again in 1 s');
  });

  it('gives up a first start that fails three times, with the last log lines and the log file', async () => {
    const part = scriptPart('broken', readyFile, `console.error('no such table: foo'); process.exit(3)`);
    await expect(stack.supervisor.start(part)).rejects.toThrow(
      /broken ended before it was ready \(exit code 3\)[\s\S]*broken\.log:\n\s+no such table: foo/,
    );
  });

  it('tells of a part that keeps ending by itself', async () => {
    const script = `require('fs').writeFileSync(${JSON.stringify(readyFile)}, ''); console.log('out of luck'); setTimeout(() => process.exit(1), 200)`;
    await stack.supervisor.start(scriptPart('looping', readyFile, script));
    const told = async () => {
      if (
        !stack.notes.some((note) => /4 times within a minute[\s\S]*looping\.log[\s\S]*out of luck/.test(note))
      ) {
        throw new Error(stack.notes.join('\n'));
      }
    };
    await until('the message', told, { timeoutMs: 20_000 });
  }, 30_000);

  it('keeps the log of the run before', async () => {
    writeFileSync(join(stack.folders.logs, 'steady.log'), 'yesterday');
    await expect(stack.supervisor.start(scriptPart('steady', readyFile, `process.exit(1)`))).rejects.toThrow(
      'exit code 1',
    );
    expect(readFileSync(join(stack.folders.logs, 'steady.previous.log'), 'utf8')).toBe('yesterday');
  });
});

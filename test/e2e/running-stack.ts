import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type StackFile } from './foreign-client';

const READY_TIMEOUT_MS = 90_000;

/** The stack.json of now: process ids change when something was restarted. */
export function readStack(): StackFile {
  return JSON.parse(readFileSync(process.env.QUORATE_STACK_FILE ?? '', 'utf8')) as StackFile;
}

/** What a part has logged since the stack was started, one JSON object a line where it is a service. */
export function readLog(name: string): string[] {
  const root = dirname(dirname(process.env.QUORATE_STACK_FILE ?? ''));
  return readFileSync(join(root, 'logs', `${name}.log`), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

/**
 * Sends a signal that ends the process; resolves when the stack's supervision has put a new one in its place and all
 * services are ready.
 */
export async function killProcess(name: string, signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
  const pid = readStack().processes[name]?.pid;
  if (pid === undefined) throw new Error(`${name} has no process`);
  process.kill(pid, signal);
  await untilRestarted(name, pid);
}

async function untilRestarted(name: string, killedPid: number): Promise<void> {
  for (const end = Date.now() + READY_TIMEOUT_MS; Date.now() < end;) {
    const { processes } = readStack();
    const replaced = processes[name] !== undefined && processes[name].pid !== killedPid;
    const healths = Object.values(processes).flatMap(({ health }) => (health === undefined ? [] : [health]));
    if (replaced && (await allReady(healths))) return;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`${name} was not ready again after ${READY_TIMEOUT_MS} ms`);
}

export async function allReady(healths: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(healths.map((url) => fetch(`${url}/readyz`).catch(() => undefined)));
  return answers.every((answer) => answer?.ok === true);
}

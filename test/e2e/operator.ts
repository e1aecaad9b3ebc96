import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const PROGRAM = join(__dirname, '..', '..', 'dist', 'apps', 'cli', 'src', 'main.js');

/** What an operator types; the answer is what --json prints. Rejects with that of a failure, too. */
export async function quorate<T>(...args: string[]): Promise<T> {
  const stack = process.env['QUORATE_STACK_FILE'] ?? '';
  const { stdout } = await run(process.execPath, [PROGRAM, '--json', '--stack', stack, ...args]);
  return JSON.parse(stdout) as T;
}

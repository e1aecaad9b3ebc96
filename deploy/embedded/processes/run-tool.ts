import { type ChildProcess, spawn } from 'node:child_process';

/** What a command that ran to its end printed and returned. */
export interface ToolResult {
  code: number | null;
  output: string;
}

const running = new Set<ChildProcess>();

/** Runs a command to its end, with stdout and stderr collected. Rejects with ENOENT when there is no such command. */
export function runTool(
  file: string,
  args: string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv; uid?: number; gid?: number } = {},
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    const collect = (chunk: Buffer) => (output += chunk.toString('utf8'));
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code, output });
    });
  });
}

/** Ends every command that still runs: whoever waits for one gets its failure. */
export function endRunningTools(): void {
  for (const child of running) child.kill('SIGTERM');
}

import { until } from '../processes/until';

/** Whether a process with this pid exists. */
export function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Resolves when none of the processes exists any more. */
export function allGone(pids: number[], timeoutMs: number): Promise<void> {
  const probe = async () => {
    const left = pids.filter(exists);
    if (left.length > 0) throw new Error(`still running: ${left.join(', ')}`);
  };
  return until('the end of all processes', probe, { timeoutMs });
}

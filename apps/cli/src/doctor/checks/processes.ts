import { isProcessAlive } from '@quorate/platform';
import { readinessOf } from '../../stack/readiness';
import { logOf } from '../../stack/stack-facts';
import { type Stack } from '../../stack/stack-file';
import { broken, type Finding, finding, ok } from '../finding';

/** Every process of the stack: alive where this machine can tell, and ready where it says so. */
export async function checkProcesses(stack: Stack): Promise<Finding[]> {
  const checks = Object.entries(stack.processes).map(([name, { pid, health, stopped }]) => {
    const part = `process ${name}`;
    const remedy = remedyOf(stack, name);
    return finding(part, remedy, async () => {
      if (stopped) return broken(part, 'stopped by `quorate stack stop`', `quorate stack start ${name}`);
      if (pid !== undefined && !isProcessAlive(pid)) return broken(part, `${pid} is gone`, remedy);
      const shown = pid === undefined ? 'elsewhere' : String(pid);
      return health === undefined ? ok(part, shown) : checkReadiness(part, shown, health, remedy);
    });
  });
  return (await Promise.all(checks)).flat();
}

async function checkReadiness(part: string, shown: string, health: string, remedy: string): Promise<Finding> {
  const readiness = await readinessOf(health);
  if (readiness === undefined) return broken(part, `${shown} does not answer at ${health}`, remedy);
  if (readiness.ready) return ok(part, `${shown}, ready`);
  return broken(part, readiness.reason === '' ? 'not ready' : `not ready: ${readiness.reason}`, remedy);
}

function remedyOf(stack: Stack, name: string): string {
  if (stack.deployment !== undefined) return logOf(stack, name);
  return 'see its log in .quorate/logs; the supervisor of npm start starts it again after 1 s';
}

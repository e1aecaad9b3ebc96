import { readinessOf } from '../../stack/readiness';
import { type Stack } from '../../stack/stack-file';
import { broken, type Finding, finding, ok } from '../finding';

const REMEDY = 'see its log in .quorate/logs; the supervisor of npm start starts it again after 1 s';

/** Every process of the stack: alive, and ready where it tells. */
export async function checkProcesses(stack: Stack): Promise<Finding[]> {
  const checks = Object.entries(stack.processes).map(([name, { pid, health, stopped }]) => {
    const part = `process ${name}`;
    return finding(part, REMEDY, async () => {
      if (stopped) return broken(part, 'stopped by `quorate stack stop`', `quorate stack start ${name}`);
      if (!isAlive(pid)) return broken(part, `${pid} is gone`, REMEDY);
      return health === undefined ? ok(part, `${pid}`) : checkReadiness(part, pid, health);
    });
  });
  return (await Promise.all(checks)).flat();
}

async function checkReadiness(part: string, pid: number, health: string): Promise<Finding> {
  const readiness = await readinessOf(health);
  if (readiness === undefined) return broken(part, `${pid} does not answer at ${health}`, REMEDY);
  if (readiness.ready) return ok(part, `${pid}, ready`);
  return broken(part, readiness.reason === '' ? 'not ready' : `not ready: ${readiness.reason}`, REMEDY);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is there, though it cannot be signalled.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

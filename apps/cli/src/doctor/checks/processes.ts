import { z } from 'zod';
import { type Stack } from '../../stack/stack-file';
import { broken, type Finding, finding, ok } from '../finding';

const REMEDY = 'see its log in .quorate/logs; the supervisor of npm start starts it again after 1 s';

const readiness = z.object({
  parts: z.array(z.object({ name: z.string(), ready: z.boolean(), reason: z.string().optional() })),
});

/** Every process of the stack: alive, and ready where it tells. */
export async function checkProcesses(stack: Stack): Promise<Finding[]> {
  const checks = Object.entries(stack.processes).map(([name, { pid, health }]) => {
    const part = `process ${name}`;
    return finding(part, REMEDY, async () => {
      if (!isAlive(pid)) return broken(part, `${pid} is gone`, REMEDY);
      return health === undefined ? ok(part, `${pid}`) : checkReadiness(part, pid, health);
    });
  });
  return (await Promise.all(checks)).flat();
}

async function checkReadiness(part: string, pid: number, health: string): Promise<Finding> {
  const response = await fetch(new URL('/readyz', health), { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  if (response === undefined) return broken(part, `${pid} does not answer at ${health}`, REMEDY);
  const parsed = readiness.safeParse(await response.json().catch(() => undefined));
  if (response.ok) return ok(part, `${pid}, ready`);
  const missing = parsed.success ? parsed.data.parts.filter(({ ready }) => !ready) : [];
  const reasons = missing.map(({ name, reason }) => `${name}: ${reason ?? 'not ready'}`).join('; ');
  return broken(part, `not ready${reasons === '' ? '' : `: ${reasons}`}`, REMEDY);
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

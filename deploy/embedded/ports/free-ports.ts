import { createServer } from 'node:net';
import { StartFailure } from '../terminal/start-failure';

/** A port that the stack needs, and the environment variable that moves it. */
export interface PortClaim {
  port: number;
  setting: string;
  user: string;
}

/**
 * Throws one StartFailure that names every claimed port that is taken (or claimed twice) and its setting.
 * Checked on 127.0.0.1, where all parts listen.
 */
export async function assertPortsFree(claims: PortClaim[]): Promise<void> {
  const problems: string[] = [];
  const moves = new Map<string, number>();
  const owners = new Map<number, PortClaim>();
  for (const claim of claims) {
    const { port, setting, user } = claim;
    const other = owners.get(port);
    if (other) {
      problems.push(
        `port ${port} is claimed by ${other.user} (${other.setting}) and by ${user} (${setting})`,
      );
    } else if (!(await isFree(port))) {
      problems.push(`port ${port} for ${user} is taken by another process: set ${setting}`);
    } else {
      owners.set(port, claim);
      continue;
    }
    if (!moves.has(setting)) moves.set(setting, port < 50_000 ? port + 10_000 : port - 10_000);
  }
  if (problems.length === 0) return;
  const example = [...moves].map(([setting, port]) => `${setting}=${port}`).join(' ');
  throw new StartFailure('port-taken', problems.join('\n'), `for example: ${example} npm start`);
}

/** A port nobody listens on at this moment, from the kernel's ephemeral range. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port ?? 0;
}

/** `count` different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0)));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A port number from the environment, or the default. */
export function portSetting(env: NodeJS.ProcessEnv, setting: string, fallback: number): number {
  const value = env[setting];
  if (value === undefined || value === '') return fallback;
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new StartFailure(
    'configuration',
    `${setting} must be a port number from 1 to 65535, it is "${value}"`,
  );
}

async function isFree(port: number): Promise<boolean> {
  try {
    const server = await listen(port);
    await new Promise((resolve) => server.close(resolve));
    return true;
  } catch {
    return false;
  }
}

function listen(port: number) {
  return new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

import { randomInt } from 'node:crypto';
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

/** A port nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port ?? 0;
}

/**
 * Below the ephemeral ports of Linux and macOS: of those, the kernel may give one to an outgoing connection of anybody
 * before the part that it is meant for listens on it.
 */
const QUIET_PORTS = { from: 10_000, below: 32_768 };
const handedOut = new Set<number>();

/** `count` different ports that nobody listens on at this moment; this process gets each only once. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = randomInt(QUIET_PORTS.from, QUIET_PORTS.below);
    if (handedOut.has(port) || !(await isFree(port))) continue;
    handedOut.add(port);
    ports.push(port);
  }
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

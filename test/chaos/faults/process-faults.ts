import { setTimeout as delay } from 'node:timers/promises';
import { serviceKids } from '../../../deploy/embedded/stack/stack-shape';
import { type ChaosStack } from '../stack/chaos-stack';
import { drawTrigger, type Fault, type FaultKind } from './fault';

const INFRASTRUCTURE = ['kafka', 'postgres', 'chain'];

/** kill -9 of one service; the supervisor starts it again after a second. */
export const killService: FaultKind = (random, stack) =>
  killed('kill', random.pick(serviceKids(stack.shape)), 'SIGKILL', random);

/** kill -9 of two services at one moment. */
export const killTwo: FaultKind = (random, stack) => {
  const names = random.sample(serviceKids(stack.shape), 2);
  return {
    kind: 'kill-two',
    description: `kill -9 of ${names.join(' and ')}`,
    at: drawTrigger(random),
    inflict: async ({ stack: running }) => {
      for (const name of names) signal(running, name, 'SIGKILL');
    },
  };
};

/** A service is asked to end, as in an upgrade. */
export const restartService: FaultKind = (random, stack) =>
  killed('restart', random.pick(serviceKids(stack.shape)), 'SIGTERM', random);

/** kill -9 of the broker, of Postgres or of the chain. */
export const killInfrastructure: FaultKind = (random) =>
  killed('kill-infrastructure', random.pick(INFRASTRUCTURE), 'SIGKILL', random);

/** The broker or Postgres is restarted in good order. */
export const restartInfrastructure: FaultKind = (random) => {
  const name = random.pick(['kafka', 'postgres']);
  return killed('restart-infrastructure', name, name === 'postgres' ? 'SIGINT' : 'SIGTERM', random);
};

/** SIGSTOP, and SIGCONT later: everything in the process stands still while the world goes on. */
export const freeze: FaultKind = (random, stack) => {
  const name = random.pick([...serviceKids(stack.shape), 'kafka', 'postgres']);
  // Now and then longer than the broker's session time-out of 10 s: the group goes on without the frozen member.
  const lastsMs = random.oneIn(8) ? 12_000 : random.between(200, 4000);
  return {
    kind: 'freeze',
    description: `${name} frozen for ${lastsMs} ms`,
    at: drawTrigger(random),
    inflict: async ({ stack: running }) => {
      const pid = running.pid(name);
      signal(running, name, 'SIGSTOP');
      try {
        await delay(lastsMs);
      } finally {
        if (running.pid(name) === pid) signal(running, name, 'SIGCONT');
      }
    },
  };
};

function killed(kind: string, name: string, how: NodeJS.Signals, random: Parameters<FaultKind>[0]): Fault {
  return {
    kind,
    description: `${how} to ${name}`,
    at: drawTrigger(random),
    inflict: async ({ stack }) => signal(stack, name, how),
  };
}

function signal(stack: ChaosStack, name: string, how: NodeJS.Signals): void {
  try {
    process.kill(stack.pid(name), how);
  } catch {
    // It ended a moment ago, by another fault.
  }
}

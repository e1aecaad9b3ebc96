/** The services of an installation while their keys are replaced: what they have in force, and their restarts. */
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { QuorateError } from '@quorate/platform';
import { z } from 'zod';
import { CommandFailure, EXIT } from '../exit-code';
import { withControl } from '../stack/connections';
import { readinessOf } from '../stack/readiness';
import { type Stack } from '../stack/stack-file';
import { type Thing } from './rotation';
import { Supervisor } from '../stack/supervisor';

const LOOK_MS = 200;
const IN_FORCE_LIMIT_MS = 60_000;
const READY_LIMIT_MS = 180_000;
const CONNECTED_LIMIT_MS = 120_000;
const ANSWER_MS = 5_000;

const readyz = z.object({ files: z.record(z.string(), z.string()) });

/** Restarts services, one at a time, and tells Kafka and Postgres of new logins. */
export interface Operations {
  /** Gives broker and database what the files say of these things; resolves when they have it. */
  apply(things: readonly Thing[]): Promise<void>;
  /** Resolves when the service is ready again. */
  restart(kid: string): Promise<void>;
}

/** By the supervisor of `npm start`. */
export function supervised(stack: Stack): Operations {
  const supervisor = new Supervisor(stack);
  return {
    apply: () => supervisor.refresh(),
    restart: async (kid) => {
      await supervisor.stop(kid);
      await supervisor.start(kid);
    },
  };
}

/**
 * Of a deployment.
 * @param program called with `prepare`, and with `restart KID`; default: docker compose, in the folder of docker-compose.yml
 */
export function deployed(folder: string, program: string | undefined, services: Services): Operations {
  const compose = ['docker', 'compose', '--env-file', join(folder, 'compose.env')];
  const ways =
    program === undefined
      ? { prepare: [...compose, 'run', '--rm', 'prepare'], restart: [...compose, 'restart'] }
      : { prepare: [program, 'prepare'], restart: [program, 'restart'] };
  return {
    apply: async (things) => {
      if (things.includes('kafka') || things.includes('database')) await run(ways.prepare);
    },
    restart: async (kid) => {
      await run([...ways.restart, kid]);
      await services.ready(kid);
    },
  };
}

/** @throws CommandFailure `program` with what it said */
async function run([file = '', ...args]: readonly string[]): Promise<void> {
  await promisify(execFile)(file, args).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandFailure(EXIT.failure, 'program', reason.trim());
  });
}

/** What the services say of themselves. */
export class Services {
  /** @param stack stack.json as it is now */
  constructor(private readonly stack: () => Stack) {}

  /**
   * Resolves when all services that read the files have the present content in force.
   * @param common of all services
   * @param own by kid, of that service alone
   */
  async haveInForce(common: readonly string[], own: ReadonlyMap<string, string> = new Map()): Promise<void> {
    await Promise.all(
      healths(this.stack()).map(([kid, health]) => {
        const theirs = own.get(kid);
        const expected = theirs === undefined ? common : [...common, theirs];
        return until(IN_FORCE_LIMIT_MS, `${kid} has not taken note of the new keys`, async () => {
          const shown = await filesOf(health);
          if (shown === undefined) return false;
          return expected.every((file) => (shown[basename(file)] ?? hashOf(file)) === hashOf(file));
        });
      }),
    );
  }

  /** Resolves when the service is ready. */
  async ready(kid: string): Promise<void> {
    const health = this.stack().processes[kid]?.health;
    if (health === undefined) return;
    await until(
      READY_LIMIT_MS,
      `${kid} is not ready`,
      async () => (await readinessOf(health))?.ready === true,
    );
  }

  /** Resolves when the coordinator can give the node work. */
  async takesWork(node: string): Promise<void> {
    await until(CONNECTED_LIMIT_MS, `${node} takes no work`, async () => {
      const nodes = await withControl(this.stack(), (control) => control.listNodes()).catch(noneWhileAway);
      return nodes.some(({ nodeId, ready }) => nodeId === node && ready);
    });
  }

  /** Kids of services that are not ready now, without `kid`. */
  async notReady(kid: string): Promise<string[]> {
    const states = await Promise.all(
      healths(this.stack()).map(async ([name, health]) => ({ name, readiness: await readinessOf(health) })),
    );
    return states.flatMap(({ name, readiness }) => (name === kid || readiness?.ready === true ? [] : [name]));
  }

  /** Resolves when everything that any service had committed before `since` is on Kafka. */
  async havePublished(since: Date): Promise<void> {
    await Promise.all(
      healths(this.stack()).map(([kid, health]) =>
        until(IN_FORCE_LIMIT_MS, `${kid} has records of before that are not published`, async () => {
          const lag = await outboxLagSeconds(health);
          return lag !== undefined && Date.now() - lag * 1_000 > since.getTime();
        }),
      ),
    );
  }
}

/** A coordinator that is just starting has no nodes yet. */
function noneWhileAway(error: unknown): [] {
  if (error instanceof QuorateError && error.kind === 'unavailable') return [];
  throw error;
}

/** Tries until it holds. @throws CommandFailure `timeout` with the given words */
async function until(limitMs: number, otherwise: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new CommandFailure(EXIT.failure, 'timeout', `${otherwise} after ${limitMs / 1_000} s`);
    }
    await delay(LOOK_MS);
  }
}

function healths(stack: Stack): [string, string][] {
  return Object.entries(stack.processes).flatMap(([kid, { health }]) =>
    health === undefined ? [] : [[kid, health]],
  );
}

/** The files that the service has in force; undefined while it is not ready. */
async function filesOf(health: string): Promise<Record<string, string> | undefined> {
  const response = await fetch(new URL('/readyz', health), { signal: AbortSignal.timeout(ANSWER_MS) }).catch(
    () => undefined,
  );
  if (response?.ok !== true) return undefined;
  return readyz.safeParse(await response.json()).data?.files;
}

/** Age of the oldest record of the service that is committed and not published; undefined when it does not say. */
async function outboxLagSeconds(health: string): Promise<number | undefined> {
  const response = await fetch(new URL('/metrics', health), { signal: AbortSignal.timeout(ANSWER_MS) }).catch(
    () => undefined,
  );
  if (response?.ok !== true) return undefined;
  const text = await response.text();
  // A service without an outbox has nothing to publish.
  if (!text.includes('# TYPE quorate_outbox_lag_seconds ')) return 0;
  const [, value] = /^quorate_outbox_lag_seconds(?:\{[^}]*\})? (\S+)$/m.exec(text) ?? [];
  return value === undefined ? undefined : Number(value);
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

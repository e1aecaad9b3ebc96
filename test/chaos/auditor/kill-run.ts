import { setTimeout as pause } from 'node:timers/promises';
import { type LogProducer } from '@quorate/messaging';
import { eventLeaf } from '@quorate/transparency-log';
import { Client } from 'pg';
import { sha256 } from '../../../apps/auditor/src/testing/foreign-verifier';
import { type AuditStack, withAuditStack } from '../../bench/audit/audit-stack';
import { writeEvents } from '../../bench/audit/event-load';
import { sizeOf } from '../../bench/audit/intake-rate';
import { Random } from '../random';
import { judgeLog } from './log-oracle';
import { type AuditorChaosOptions } from './options';

const LOOK_MS = 10;
/** One kill in so many comes while the auditor starts. */
const STARTING_EVERY = 4;
/** An auditor is ready after one to two seconds. */
const STARTING_MS = 2_000;
/** After its last start: to have taken in what is left. */
const END_MS = 120_000;

export interface KillResult {
  readonly events: number;
  /** Entries in the log at each kill, in its order. */
  readonly killedAt: readonly number[];
  /** Of these, kills before the auditor was ready. */
  readonly whileStarting: number;
  /** Checkpoints that were compared with the tree. */
  readonly checkpoints: number;
  readonly seconds: number;
  readonly violations: readonly string[];
}

/** Fills the topic, kills the auditor while it takes that in, and judges the log when it is complete. */
export function runKills(
  { events, kills, seed }: AuditorChaosOptions,
  report: (text: string) => void,
): Promise<KillResult> {
  const began = performance.now();
  return withAuditStack(undefined, async (stack) => {
    const database = new Client({ connectionString: stack.ownerUrl });
    await database.connect();
    try {
      const written: Buffer[] = [];
      report(`writing ${events} events`);
      await writeEvents(noting(stack.producer, written), events);
      const random = new Random(seed);
      const targets = Array.from({ length: kills }, () => random.below(events)).sort((a, b) => a - b);
      const killedAt: number[] = [];
      const notes: string[] = [];
      let whileStarting = 0;
      for (const [place, target] of targets.entries()) {
        const isStarting = place % STARTING_EVERY === STARTING_EVERY - 2;
        const starting = stack.auditor.start();
        // It fails when it is killed before it is ready.
        starting.catch(() => undefined);
        if (isStarting) {
          whileStarting += 1;
          await pause(random.below(STARTING_MS));
        } else {
          await starting;
          await reached(database, target);
          notes.push(await checkpointOf(stack));
        }
        await stack.auditor.kill();
        killedAt.push(await sizeOf(database));
        report(
          `kill ${killedAt.length} of ${kills}${isStarting ? ', while it started' : ''}: ${killedAt.at(-1)} entries`,
        );
      }
      await stack.auditor.start();
      await reached(database, events);
      const { checkpoints, violations } = await judgeLog({ url: stack.url, database, written, notes });
      const seconds = Math.round((performance.now() - began) / 1000);
      return { ...{ events, killedAt, whileStarting, checkpoints, seconds }, violations };
    } finally {
      await database.end();
    }
  });
}

/** The producer, whose records' leaves are noted as digests. */
function noting(producer: LogProducer, leaves: Buffer[]): LogProducer {
  return {
    close: () => producer.close(),
    send: async (records) => {
      for (const { headers, value } of records) {
        const bytes = Object.entries(headers).map(([name, header]) => [name, Buffer.from(header)] as const);
        leaves.push(sha256(eventLeaf({ headers: Object.fromEntries(bytes), value })));
      }
      return producer.send(records);
    },
  };
}

async function checkpointOf({ url }: AuditStack): Promise<string> {
  return (await fetch(`${url}/log/0/checkpoint`)).text();
}

async function reached(database: Client, size: number): Promise<void> {
  for (const since = performance.now(); (await sizeOf(database)) < size;) {
    if (performance.now() - since > END_MS)
      throw new Error(`the log has ${await sizeOf(database)} entries after ${END_MS / 1000} s, not ${size}`);
    await pause(LOOK_MS);
  }
}

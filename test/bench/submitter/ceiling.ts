/** How much one submitter carries with a signer that takes no time, and how long a transaction takes at a given rate. */
import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { callChain } from '../../../deploy/embedded/parts/chain';
import { cpuBetween, cpuSeconds } from '../pipeline/process-cost';
import { type SubmitterStack, withSubmitterStack } from './bench-stack';
import { databaseWork, type DatabaseWork, workPer } from './database-work';
import { countEvents, eventTimes, type EventTimes, type Window } from './event-times';
import { offer, signIntents } from './offered-load';

export interface CeilingParameters {
  readonly lanes: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly profile: string | undefined;
}

export interface CeilingResult extends CeilingParameters {
  readonly acceptedPerSecond: number;
  readonly minedPerSecond: number;
  readonly times: EventTimes;
  /** CPU milliseconds per transaction, by process, the offering client among them, from the first offer to the last accept. */
  readonly cpu: ReadonlyMap<string, number>;
  /** Of the submitter's one thread, 0 to 1 (its helpers count, so it may be a little more). */
  readonly submitterBusy: number;
  readonly database: DatabaseWork;
  /** How long after the last intent was offered all were accepted, in seconds. */
  readonly drainSeconds: number;
}

const WARM_UP_SECONDS = 5;
const DRAIN_TIMEOUT_MS = 600_000;

export function measureCeiling(parameters: CeilingParameters): Promise<CeilingResult> {
  const { lanes, profile } = parameters;
  return withSubmitterStack({ lanes, profile, tapped: false }, (stack) => measure(stack, parameters));
}

async function measure(stack: SubmitterStack, parameters: CeilingParameters): Promise<CeilingResult> {
  const { perSecond, seconds } = parameters;
  const records = signIntents(stack, perSecond * (WARM_UP_SECONDS + seconds));
  const database = new Client({ connectionString: stack.databaseUrl });
  await database.connect();
  try {
    const begun = await look(stack, database);
    const offered = offer(stack, records, perSecond);
    await pause(WARM_UP_SECONDS * 1000);
    const before = await look(stack, database);
    await offered;
    const after = await look(stack, database);
    const window = { from: before.at, to: after.at };
    const lasted = (window.to - window.from) / 1000;
    await allAccepted(database, records.length);
    const ended = await look(stack, database);
    const times = await eventTimes(database, window);
    // When more is offered than can be carried, what was only received would count for what was accepted in the window.
    const used = cpuBetween(begun.cpu, ended.cpu).set('client', ended.own - begun.own);
    const inWindow = cpuBetween(before.cpu, after.cpu);
    return {
      ...parameters,
      acceptedPerSecond: times.accepts / lasted,
      minedPerSecond: (await minedIn(stack.chainUrl, window)) / lasted,
      times,
      cpu: new Map([...used].map(([name, cpuSeconds]) => [name, (1000 * cpuSeconds) / records.length])),
      submitterBusy: (inWindow.get('submitter') ?? 0) / lasted,
      database: workPer(begun.database, ended.database, records.length),
      drainSeconds: (ended.at - after.at) / 1000,
    };
  } finally {
    await database.end();
  }
}

async function look(stack: SubmitterStack, database: Client) {
  const { user, system } = process.cpuUsage();
  const work = await databaseWork(database);
  return {
    at: Date.now(),
    cpu: cpuSeconds({ processes: stack.processes() }),
    own: (user + system) / 1e6,
    database: work,
  };
}

/** Resolves when so many intents were accepted by the chain's pool. */
export async function allAccepted(database: Client, count: number): Promise<void> {
  const deadline = Date.now() + DRAIN_TIMEOUT_MS;
  for (;;) {
    const accepted = await countEvents(database, 'broadcast');
    if (accepted >= count) return;
    if (Date.now() > deadline) throw new Error(`only ${accepted} of ${count} transactions were accepted`);
    await pause(200);
  }
}

/** Transactions in the blocks of the window, by the blocks' own times (whole seconds). */
async function minedIn(chainUrl: string, { from, to }: Window): Promise<number> {
  let mined = 0;
  for (let number = Number(await callChain(chainUrl, 'eth_blockNumber', [])); number > 0; number--) {
    const block = await callChain(chainUrl, 'eth_getBlockByNumber', [`0x${number.toString(16)}`, false]);
    const { timestamp, transactions } = block as { timestamp: string; transactions: string[] };
    const at = Number(timestamp) * 1000;
    if (at < from) return mined;
    if (at < to) mined += transactions.length;
  }
  return mined;
}

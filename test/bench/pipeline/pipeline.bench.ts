/**
 * What the pipeline does on this machine, each scenario on the same running stack (2-of-3, eip191, five levels of
 * derivation): at rest, one request at a time, a burst from stock, sustained with presigning, during a refresh, and after
 * the death of a node.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { AuditClient, type ControlClient, type QuorateClient } from '@quorate/client';
import { type StackDescription } from '../../../deploy/embedded/stack/stack-description';
import { withBenchStack } from './bench-stack';
import { load, percentiles, type Percentiles, sign } from './load';
import { cpuBetween, cpuSeconds, OWN_PARTS, residentMebibytes } from './process-cost';
import { stageShares, type StageShare } from './stages';

/** What the pipeline bench measures and with how much. */
export interface PipelineParameters {
  /** Presignatures per committee before the measurement begins. */
  readonly stockTarget: number;
  readonly oneAtATime: number;
  readonly burstRequests: number;
  readonly burstInFlight: number;
  readonly sustainedSeconds: number;
  readonly sustainedInFlight: number;
}

export interface Rate extends Percentiles {
  readonly signatures: number;
  readonly perSecond: number;
  /** CPU milliseconds per signature, by kind of part, the measuring client among them. */
  readonly cpu: ReadonlyMap<string, number>;
}

export interface PipelineResult {
  readonly parameters: PipelineParameters;
  /** Quorate's own processes with nothing to do: share of one core, and resident memory by process. */
  readonly idle: { readonly coreShare: number; readonly mebibytes: ReadonlyMap<string, number> };
  /** Of the first requests after a rest: the services and the broker still compile their code meanwhile. */
  readonly latency: Percentiles;
  /** Of as many right after them. */
  readonly laterLatency: Percentiles;
  readonly stages: readonly StageShare[];
  readonly burst: Rate;
  /** `madePerSecond`: presignatures that were made meanwhile; the stock shrinks or grows by the difference. */
  readonly sustained: Rate & { readonly madePerSecond: number };
  /** One request at a time while the key is refreshed. */
  readonly refresh: Percentiles & { readonly requests: number; readonly seconds: number };
  /** Milliseconds from the death of a node (SIGKILL, SIGSTOP) to the first signature, and the rate of the second after. */
  readonly deadNode: readonly {
    readonly signal: 'SIGKILL' | 'SIGSTOP';
    readonly firstMs: number;
    readonly rate: Rate;
  }[];
  /** How long the nodes took to fill the stock, and with how many presignatures. */
  readonly filling: { readonly seconds: number; readonly presignatures: number };
}

const WARM_UP = 200;
const STAGE_SAMPLES = 100;
/** After this nothing of the stack's start goes on. */
const SETTLE_SECONDS = 30;
const IDLE_SECONDS = 60;
const DEAD_NODE_REQUESTS = 500;

/** Starts a stack of its own in a temporary folder, fills its stock, measures, and leaves nothing behind. */
export function benchPipeline(parameters: PipelineParameters): Promise<PipelineResult> {
  return withBenchStack(parameters.stockTarget, async ({ describe, client, control, filling }) => {
    const { key } = describe();
    await load(client, key.keyId, 1, (sent) => sent < WARM_UP);
    const idle = await atRest(describe);
    const { samples } = await load(client, key.keyId, 1, (sent) => sent < parameters.oneAtATime);
    const later = await load(client, key.keyId, 1, (sent) => sent < parameters.oneAtATime);
    const audit = new AuditClient(describe().audit);
    const stages = await stageShares(audit, samples.slice(-STAGE_SAMPLES));
    const burst = await rate(
      describe,
      client,
      parameters.burstInFlight,
      (sent) => sent < parameters.burstRequests,
    );
    const sustained = await sustain(describe, client, control, parameters);
    const refresh = await duringRefresh(describe, client, control);
    const deadNode = [];
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      deadNode.push(await withoutNode(describe, client, signal, parameters.sustainedInFlight));
    }
    return {
      parameters,
      filling,
      idle,
      latency: percentiles(samples),
      laterLatency: percentiles(later.samples),
      stages,
      burst,
      sustained,
      refresh,
      deadNode,
    };
  });
}

async function atRest(describe: () => StackDescription): Promise<PipelineResult['idle']> {
  await pause(SETTLE_SECONDS * 1000);
  const before = cpuSeconds(describe());
  await pause(IDLE_SECONDS * 1000);
  const used = cpuBetween(before, cpuSeconds(describe()));
  const seconds = OWN_PARTS.reduce((sum, kind) => sum + (used.get(kind) ?? 0), 0);
  return { coreShare: seconds / IDLE_SECONDS, mebibytes: residentMebibytes(describe()) };
}

async function rate(
  describe: () => StackDescription,
  client: QuorateClient,
  inFlight: number,
  more: (sent: number) => boolean,
): Promise<Rate> {
  const before = cpuSeconds(describe());
  const ownBefore = process.cpuUsage();
  const { samples, seconds } = await load(client, describe().key.keyId, inFlight, more);
  const own = process.cpuUsage(ownBefore);
  const used = cpuBetween(before, cpuSeconds(describe())).set('client', (own.user + own.system) / 1e6);
  const cpu = new Map([...used].map(([kind, cpuTime]) => [kind, (1000 * cpuTime) / samples.length]));
  return { signatures: samples.length, perSecond: samples.length / seconds, cpu, ...percentiles(samples) };
}

async function sustain(
  describe: () => StackDescription,
  client: QuorateClient,
  control: ControlClient,
  { sustainedSeconds, sustainedInFlight }: PipelineParameters,
): Promise<PipelineResult['sustained']> {
  const { keyId } = describe().key;
  const before = await control.getKey(keyId);
  const end = performance.now() + sustainedSeconds * 1000;
  const measured = await rate(describe, client, sustainedInFlight, () => performance.now() < end);
  const after = await control.getKey(keyId);
  const made = measured.signatures + after.stock - before.stock;
  return { ...measured, madePerSecond: (made * measured.perSecond) / measured.signatures };
}

async function duringRefresh(
  describe: () => StackDescription,
  client: QuorateClient,
  control: ControlClient,
): Promise<PipelineResult['refresh']> {
  const { keyId } = describe().key;
  let isRefreshing = true;
  const refreshed = control.refreshKey(keyId).finally(() => (isRefreshing = false));
  const [{ samples, seconds }] = await Promise.all([load(client, keyId, 1, () => isRefreshing), refreshed]);
  return { ...percentiles(samples), requests: samples.length, seconds };
}

async function withoutNode(
  describe: () => StackDescription,
  client: QuorateClient,
  signal: 'SIGKILL' | 'SIGSTOP',
  inFlight: number,
): Promise<PipelineResult['deadNode'][number]> {
  const { key, processes } = describe();
  const pid = processes[key.participants[0] ?? '']?.pid;
  if (pid === undefined) throw new Error('the stack has no node');
  // Death strikes among requests, not between them.
  const busy = load(client, key.keyId, 8, (sent) => sent < 64);
  process.kill(pid, signal);
  try {
    const { milliseconds } = await sign(client, key.keyId, 0);
    await busy;
    const after = await rate(describe, client, inFlight, (sent) => sent < DEAD_NODE_REQUESTS);
    return { signal, firstMs: milliseconds, rate: after };
  } finally {
    if (signal === 'SIGSTOP') process.kill(pid, 'SIGCONT');
  }
}

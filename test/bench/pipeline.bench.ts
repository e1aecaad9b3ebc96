import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditClient, ControlClient, QuorateClient } from '@quorate/client';
import { loadIdentityKey } from '@quorate/platform';
import { stackFolders } from '../../deploy/embedded/files/stack-folders';
import { unusedPorts } from '../../deploy/embedded/ports/stack-ports';
import { EmbeddedStack } from '../../deploy/embedded/stack/embedded-stack';
import { type StackDescription } from '../../deploy/embedded/stack/stack-description';
import { stackShape } from '../../deploy/embedded/stack/stack-shape';
import { terminalProgress } from '../../deploy/embedded/terminal/progress';
import { type Sample, stageShares, type StageShare } from './stages';

/** What the pipeline bench measures and with how much. */
export interface PipelineParameters {
  /** Presignatures per committee before the measurement begins. */
  readonly stockTarget: number;
  readonly oneAtATime: number;
  readonly throughputRequests: number;
  readonly inFlight: number;
}

export interface PipelineResult {
  readonly parameters: PipelineParameters;
  /** Milliseconds from produce to the verified final, as the client sees it. */
  readonly latency: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly throughput: {
    readonly signaturesPerSecond: number;
    readonly p50: number;
    readonly p95: number;
    readonly p99: number;
  };
  readonly stages: readonly StageShare[];
  /** How long the nodes took to fill the stock, and with how many presignatures. */
  readonly filling: { readonly seconds: number; readonly presignatures: number };
}

const PATH = 'm/44/60/0/0/7';
const WARM_UP = 50;
const STAGE_SAMPLES = 100;
const FILL_TIMEOUT_MS = 15 * 60_000;

/** Starts a stack of its own in a temporary folder, fills its stock, measures, and leaves nothing behind. */
export async function benchPipeline(parameters: PipelineParameters): Promise<PipelineResult> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  const shape = stackShape(1, 3, 2);
  const stack = new EmbeddedStack({
    shape,
    folders: stackFolders(folder),
    ports: await unusedPorts(shape),
    progress: terminalProgress(),
    env: { ...process.env, STOCK_TARGET: String(parameters.stockTarget), LOG_LEVEL: 'warn' },
  });
  try {
    await stack.start();
    const description = stack.description();
    const filling = await untilStocked(description, parameters.stockTarget * 3);
    const client = await connect(description);
    try {
      return { parameters, filling, ...(await measure(client, description, parameters)) };
    } finally {
      await client.close();
    }
  } finally {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  client: QuorateClient,
  description: StackDescription,
  { oneAtATime, throughputRequests, inFlight }: PipelineParameters,
): Promise<Pick<PipelineResult, 'latency' | 'throughput' | 'stages'>> {
  await run(client, description, WARM_UP, 1);
  const single = await run(client, description, oneAtATime, 1);
  const began = performance.now();
  const many = await run(client, description, throughputRequests, inFlight);
  const seconds = (performance.now() - began) / 1000;
  const audit = new AuditClient(description.audit);
  return {
    latency: percentiles(single),
    throughput: { signaturesPerSecond: throughputRequests / seconds, ...percentiles(many) },
    stages: await stageShares(audit, single.slice(-STAGE_SAMPLES)),
  };
}

/** Sends `count` requests, `inFlight` at a time. */
async function run(
  client: QuorateClient,
  { key }: StackDescription,
  count: number,
  inFlight: number,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const message = `0x${(next++).toString(16).padStart(8, '0')}`;
      const prepared = client.prepareSignRequest({
        keyId: key.keyId,
        path: PATH,
        payload: { kind: 'eip191', message },
      });
      const sentAt = Date.now();
      const began = performance.now();
      await client.produce(prepared);
      const { data } = await client.awaitFinal(prepared);
      if (data.type !== 'quorate.sign.completed.v1') throw new Error(`not signed: ${JSON.stringify(data)}`);
      const milliseconds = performance.now() - began;
      samples.push({ requestId: prepared.id, sentAt, receivedAt: sentAt + milliseconds, milliseconds });
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return samples;
}

async function untilStocked(
  description: StackDescription,
  presignatures: number,
): Promise<PipelineResult['filling']> {
  const control = new ControlClient(description.control);
  const step = terminalProgress().step(`stock of ${presignatures} presignatures`);
  const began = Date.now();
  try {
    for (;;) {
      const { stock } = await control.getKey(description.key.keyId);
      const seconds = (Date.now() - began) / 1000;
      if (stock >= presignatures) {
        step.done(`${(stock / seconds).toFixed(0)} per second`);
        return { seconds, presignatures: stock };
      }
      if (seconds * 1000 > FILL_TIMEOUT_MS) throw new Error(`only ${stock} presignatures after ${seconds} s`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  } finally {
    control.close();
  }
}

function connect({ kafka, requester, identities }: StackDescription): Promise<QuorateClient> {
  return QuorateClient.connect({
    brokers: kafka.brokers,
    topicPrefix: kafka.topicPrefix,
    groupPrefix: kafka.groupPrefix,
    requester: { kid: requester.kid, privateKey: loadIdentityKey(requester.privateKeyFile) },
    trust: { coordinators: identities },
  });
}

function percentiles(samples: readonly Sample[]): { p50: number; p95: number; p99: number } {
  const sorted = samples.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { clientOptions, ControlClient, QuorateClient } from '@quorate/client';
import { stackFolders } from '../../../deploy/embedded/files/stack-folders';
import { unusedPorts } from '../../../deploy/embedded/ports/stack-ports';
import { EmbeddedStack } from '../../../deploy/embedded/stack/embedded-stack';
import { type StackDescription } from '../../../deploy/embedded/stack/stack-description';
import { stackShape } from '../../../deploy/embedded/stack/stack-shape';
import { terminalProgress } from '../../../deploy/embedded/terminal/progress';

export interface BenchStack {
  /** With the pids of now. */
  readonly describe: () => StackDescription;
  readonly client: QuorateClient;
  readonly control: ControlClient;
  /** Of the stock. */
  readonly filling: { readonly seconds: number; readonly presignatures: number };
}

const COMMITTEES = 3;
const FILL_TIMEOUT_MS = 15 * 60_000;

/** A 2-of-3 stack in a temporary folder with a full stock, for the time of `use`. */
export async function withBenchStack<T>(
  stockTarget: number,
  use: (stack: BenchStack) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-bench-'));
  const shape = stackShape(1, 3, 2);
  const stack = new EmbeddedStack({
    shape,
    folders: stackFolders(folder),
    ports: await unusedPorts(shape),
    progress: terminalProgress(),
    env: { ...process.env, STOCK_TARGET: String(stockTarget), LOG_LEVEL: 'warn' },
  });
  try {
    await stack.start();
    const describe = () => stack.description();
    const control = new ControlClient(describe().control);
    const filling = await fillStock(control, describe(), stockTarget * COMMITTEES);
    const client = await connect(describe());
    try {
      return await use({ describe, client, control, filling });
    } finally {
      await client.close();
      control.close();
    }
  } finally {
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function fillStock(
  control: ControlClient,
  { key }: StackDescription,
  presignatures: number,
): Promise<BenchStack['filling']> {
  const step = terminalProgress().step(`stock of ${presignatures} presignatures`);
  const began = Date.now();
  for (;;) {
    const { stock } = await control.getKey(key.keyId);
    const seconds = (Date.now() - began) / 1000;
    if (stock >= presignatures) {
      step.done(`${(stock / seconds).toFixed(0)} per second`);
      return { seconds, presignatures: stock };
    }
    if (seconds * 1000 > FILL_TIMEOUT_MS) throw new Error(`only ${stock} presignatures after ${seconds} s`);
    await pause(500);
  }
}

function connect(stack: StackDescription): Promise<QuorateClient> {
  return QuorateClient.connect(clientOptions(stack));
}

import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ThreadData } from '../ceremony/thread-messages';

const REGISTER = join(__dirname, '../../../../test/integration/typescript-register.cjs');
const THREAD = join(__dirname, '../ceremony/protocol.thread.ts');

/** The protocol thread without a build. */
export function startFromSource(workerData: ThreadData): Worker {
  const code = [REGISTER, THREAD].map((file) => `require(${JSON.stringify(file)});`).join('\n');
  return new Worker(code, { eval: true, workerData });
}

import { writeSync } from 'node:fs';
import { type LogProducer } from '@quorate/messaging';
import { openTestStore } from './test-store';

/**
 * Commits three events of stream `s`, one transaction each, and then hangs until it is killed: with argument
 * `unpublished` before anything is published, with `published` before the rows of what was published are deleted.
 */
async function main(): Promise<void> {
  const [url = '', when] = process.argv.slice(2);
  const store = await openTestStore(url);
  const producer: LogProducer = {
    send: async () => {
      if (when === 'unpublished') await new Promise(() => undefined);
      writeSync(1, 'published\n');
      // Blocks the process: what was published is not deleted any more.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
    close: () => Promise.resolve(),
  };
  if (when === 'unpublished') await store.startDispatcher(producer);
  for (let n = 0; n < 3; n += 1) {
    await store.transaction(async (tx) => {
      tx.append('s', n, [{ type: 'written', data: { n }, correlationId: 'c', causationId: 'x' }]);
    });
  }
  process.stdout.write('committed\n');
  // All three rows are then published by one request.
  if (when === 'published') await store.startDispatcher(producer);
  setInterval(() => undefined, 1000);
}

void main();

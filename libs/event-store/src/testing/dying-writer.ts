import { type LogProducer } from '@quorate/messaging';
import { openTestStore } from './test-store';

/**
 * Commits three events of stream `s`, one transaction each, and then hangs until it is killed: with argument
 * `unpublished` before anything is published, with `published` before the rows of what was published are deleted.
 */
async function main(): Promise<void> {
  const [url = '', when] = process.argv.slice(2);
  const store = await openTestStore(url);
  let published = 0;
  const producer: LogProducer = {
    send: async (records) => {
      if (when === 'unpublished') await new Promise(() => undefined);
      published += records.length;
      if (published === 3) {
        process.stdout.write('published\n');
        // Blocks the process: what was published is not deleted any more.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      }
    },
    close: () => Promise.resolve(),
  };
  await store.startDispatcher(producer);
  for (let n = 0; n < 3; n += 1) {
    await store.transaction(async (tx) => {
      tx.append('s', n, [{ type: 'written', data: { n }, correlationId: 'c', causationId: 'x' }]);
    });
  }
  process.stdout.write('committed\n');
  setInterval(() => undefined, 1000);
}

void main();

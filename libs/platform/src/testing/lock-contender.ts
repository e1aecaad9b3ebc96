import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { systemErrorCode } from '../errors/system-error';
import { withProcessLock } from '../process-lock/process-lock';

/** Of the test: takes the lock 50 times, and counts how often it met somebody at work who had it, too. */
async function main([lock = '', work = '']: string[]): Promise<void> {
  const refused = new Error('refused');
  let met = 0;
  for (let had = 0; had < 50;) {
    try {
      await withProcessLock(
        lock,
        () => refused,
        async () => {
          had += 1;
          met += await atWork(work);
          // As one leaves that is killed.
          mkdirSync(lock, { recursive: true });
          writeFileSync(join(lock, '999999999'), '');
        },
      );
    } catch (error) {
      if (error !== refused) throw error;
    }
    for (let turns = Math.random() * 20; turns > 0; turns--) await turn();
  }
  process.stdout.write(String(met));
}

/** @returns how many others were at work */
async function atWork(work: string): Promise<number> {
  try {
    writeFileSync(work, '', { flag: 'wx' });
  } catch (error) {
    if (systemErrorCode(error) === 'EEXIST') return 1;
    throw error;
  }
  await turn();
  rmSync(work);
  return 0;
}

void main(process.argv.slice(2));

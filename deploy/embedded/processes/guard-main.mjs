// Ends the processes of an embedded stack when their parent is gone, however it went (kill -9 included).
// The parent holds this process's stdin open and writes one JSON command per line, each answered by "ok":
//   { "watch": { "pid", "signal", "stage" } }   { "forget": pid }   { "remove": path }   { "release": true }
// When stdin closes without a release, services are ended first, then what they depend on.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const GRACE_MS = { service: 4000, infrastructure: 5000 };
const watched = new Map();
const files = new Set();
let released = false;

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('SIGHUP', () => undefined);
process.stdout.on('error', () => undefined);

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const command = JSON.parse(line);
  if (command.watch) watched.set(command.watch.pid, command.watch);
  if (command.forget) watched.delete(command.forget);
  if (command.remove) files.add(command.remove);
  if (command.release) released = true;
  process.stdout.write('ok\n');
});
lines.on('close', async () => {
  if (!released) {
    for (const stage of ['service', 'infrastructure']) {
      await end(
        [...watched.values()].filter((part) => part.stage === stage),
        GRACE_MS[stage],
      );
    }
    for (const file of files) rmSync(file, { force: true, recursive: true });
  }
  process.exit(0);
});

async function end(parts, graceMs) {
  for (const { pid, signal } of parts) send(pid, signal);
  const deadline = Date.now() + graceMs;
  while (Date.now() < deadline && parts.some(({ pid }) => send(pid, 0))) await delay(25);
  // Every part leads its own process group.
  for (const { pid } of parts) send(-pid, 'SIGKILL');
}

function send(pid, signal) {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

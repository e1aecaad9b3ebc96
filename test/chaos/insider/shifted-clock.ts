/**
 * Loaded into every process of a service before its own code, and into its threads (`node --require`): the wall clock is off
 * by the milliseconds that a file holds. Monotonic time (timers, performance.now) goes on as it does when a machine's clock
 * is set; so does what native code reads, such as the validity of certificates in TLS.
 */
import { readFileSync } from 'node:fs';

/** How long an offset may be used before the file is read again. */
const STALE_MS = 10;

const file = process.env['CHAOS_CLOCK_FILE'];
if (file !== undefined) globalThis.Date = shiftedBy(offsetIn(file));

/** The offset as the file has it now; the last one while it cannot be read. */
function offsetIn(path: string): () => number {
  let offset = 0;
  let readAt = -Infinity;
  return () => {
    const now = performance.now();
    if (now - readAt < STALE_MS) return offset;
    readAt = now;
    try {
      offset = Number(readFileSync(path, 'utf8')) || 0;
    } catch {
      // It is being replaced, or this process has no descriptor left.
    }
    return offset;
  };
}

function shiftedBy(offset: () => number): DateConstructor {
  const realNow = Date.now;
  const now = (): number => realNow() + offset();
  const shifted = new Proxy(Date, {
    apply: (target) => new target(now()).toString(),
    construct: (target, args: unknown[], newTarget) =>
      Object(Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget)) as object,
    get: (target, name, receiver): unknown => (name === 'now' ? now : Reflect.get(target, name, receiver)),
  });
  shifted.prototype.constructor = shifted;
  return shifted;
}

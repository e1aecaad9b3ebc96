import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Part } from '../../../deploy/embedded/processes/part';
import { withVariables } from './with-variables';

const PRELOAD = join(__dirname, '..', 'insider', 'shifted-clock.js');

export interface WrongClock {
  readonly service: string;
  /** Against real time. */
  readonly offsetMs: number;
  /** By performance.now(). */
  readonly until: number;
}

/** The wall clocks of all services, each of which can be set without the others. */
export class Clocks {
  private readonly offsets = new Map<string, WrongClock>();
  private readonly past: WrongClock[] = [];

  /** @param folder holds one file per service */
  constructor(
    private readonly folder: string,
    private readonly services: readonly string[],
  ) {
    mkdirSync(folder, { recursive: true });
  }

  /** The part with a clock that can be set; one that is no service as it is. */
  lead(part: Part): Part {
    if (!this.services.includes(part.name)) return part;
    return withVariables(part, {
      NODE_OPTIONS: `--require ${PRELOAD}`,
      CHAOS_CLOCK_FILE: this.file(part.name),
    });
  }

  /** @param offsetMs against real time; 0 is right again */
  set(service: string, offsetMs: number): void {
    const before = this.offsets.get(service);
    if (before !== undefined && before.offsetMs !== 0)
      this.past.push({ ...before, until: performance.now() });
    this.offsets.set(service, { service, offsetMs, until: Infinity });
    const written = `${this.file(service)}.new`;
    writeFileSync(written, String(offsetMs));
    renameSync(written, this.file(service));
  }

  setAllRight(): void {
    for (const { service, offsetMs } of [...this.offsets.values()]) if (offsetMs !== 0) this.set(service, 0);
  }

  /** The clocks that were wrong at any time since then, by performance.now(). */
  wrongSince(time: number): WrongClock[] {
    return [...this.past, ...this.offsets.values()].filter(
      ({ until, offsetMs }) => until >= time && offsetMs !== 0,
    );
  }

  private file(service: string): string {
    return join(this.folder, service);
  }
}

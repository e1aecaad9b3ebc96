import { execFileSync } from 'node:child_process';

/** Far above what a service needs (about 200 MB) and far below what a leak would reach in a long campaign. */
const LIMIT_MIB = 1024;

/** Resident memory of every process, its highest value over all runs. */
export class Memory {
  private readonly highest = new Map<string, number>();

  /** The names and MiB of those above the limit. */
  measure(processes: Readonly<Record<string, { pid: number }>>): string[] {
    const names = new Map(Object.entries(processes).map(([name, { pid }]) => [pid, name]));
    const output = execFileSync('ps', ['-o', 'pid=,rss=', '-p', [...names.keys()].join(',')], {
      encoding: 'utf8',
    });
    const above: string[] = [];
    for (const line of output.trim().split('\n')) {
      const [pid = 0, kib = 0] = line.trim().split(/\s+/).map(Number);
      const name = names.get(pid);
      if (name === undefined) continue;
      const mib = Math.round(kib / 1024);
      this.highest.set(name, Math.max(mib, this.highest.get(name) ?? 0));
      if (mib > LIMIT_MIB) above.push(`${name} has ${mib} MiB`);
    }
    return above;
  }

  /** MiB by process. */
  get peaks(): Record<string, number> {
    return Object.fromEntries(this.highest);
  }
}

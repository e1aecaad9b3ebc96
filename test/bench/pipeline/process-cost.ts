/** CPU and memory of the stack's processes, as Linux counts them (proc(5)). */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { type StackDescription } from '../../../deploy/embedded/stack/stack-description';

/** CPU seconds since the start of each process, by the kind of part (`node`, `coordinator`, `kafka`, ...). */
export type CpuSeconds = ReadonlyMap<string, number>;

/** Kinds that are Quorate's own, without broker, database and chain. */
export const OWN_PARTS: readonly string[] = ['coordinator', 'node', 'submitter', 'auditor'];

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Children count, too: Postgres works in processes of its own. */
export function cpuSeconds({ processes }: Pick<StackDescription, 'processes'>): CpuSeconds {
  const all = runningProcesses();
  const seconds = new Map<string, number>();
  for (const [name, { pid }] of Object.entries(processes)) {
    const kind = name.replace(/-\d+$/, '');
    seconds.set(kind, (seconds.get(kind) ?? 0) + treeTicks(pid, all) / TICKS_PER_SECOND);
  }
  return seconds;
}

/** Resident memory of each of Quorate's processes in MiB, by its name. */
export function residentMebibytes({ processes }: StackDescription): Map<string, number> {
  const own = Object.entries(processes).filter(([name]) => OWN_PARTS.includes(name.replace(/-\d+$/, '')));
  return new Map(
    own.map(([name, { pid }]) => {
      const [, kibibytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      return [name, Number(kibibytes) / 1024];
    }),
  );
}

/** What each kind used between two looks. */
export function cpuBetween(before: CpuSeconds, after: CpuSeconds): Map<string, number> {
  return new Map([...after].map(([kind, seconds]) => [kind, seconds - (before.get(kind) ?? 0)]));
}

interface RunningProcess {
  readonly parent: number;
  readonly ticks: number;
}

function runningProcesses(): Map<number, RunningProcess> {
  const found = new Map<number, RunningProcess>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // The name, in parentheses, may contain anything; what follows it is numbered from the state, field 3.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const [parent, ...ticks] = [1, 11, 12, 13, 14].map((index) => Number(fields[index] ?? 0));
      found.set(Number(entry), { parent: parent ?? 0, ticks: ticks.reduce((sum, value) => sum + value, 0) });
    } catch {
      // It has ended in between.
    }
  }
  return found;
}

function treeTicks(pid: number, all: ReadonlyMap<number, RunningProcess>): number {
  const own = all.get(pid)?.ticks ?? 0;
  const children = [...all].filter(([, { parent }]) => parent === pid).map(([child]) => child);
  return children.reduce((sum, child) => sum + treeTicks(child, all), own);
}

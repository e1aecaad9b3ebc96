/** CPU time (user and system) of the threshold library, and how it is measured. */
import { type SuiteId } from '@quorate/threshold';

/** One measurement. */
export interface BenchRow {
  readonly operation: 'keygen' | 'presignature' | 'online share' | 'nonce' | 'signature share' | 'combine';
  /** `t-of-n`. */
  readonly scheme: string;
  /** 1, 2: ECDSA; 3: FROST for Ed25519; 4: FROST for BIP-340. */
  readonly suite: SuiteId;
  /** Presignatures or nonces per batch; these only. */
  readonly batch?: number;
  /** CPU milliseconds per party (and per presignature), the median. */
  readonly milliseconds: number;
  /** The 95th percentile of the same. */
  readonly p95: number;
  /** What a party publishes, frames and all (per presignature); a broadcast counts once. */
  readonly bytesSent?: number;
  /** The median of the reference prototype. */
  readonly prototype?: number;
}

/** A row before it is known whose it is. */
export type Measured = Omit<BenchRow, 'scheme' | 'suite'>;

/** CPU milliseconds of each run, of both programs. */
export interface Times {
  readonly own: readonly number[];
  readonly prototype: readonly number[];
}

const WARM_UP = 5;

/** CPU times of both, run in turn, without the first runs of each, which are to warm up. Runs are numbered from 0. */
export function alternate(
  runs: number,
  action: (run: number) => unknown,
  prototype?: (run: number) => unknown,
  warmUp = WARM_UP,
): Times {
  const [own, theirs]: [number[], number[]] = [[], []];
  for (let run = 0; run < warmUp + runs; run++) {
    own.push(cpuMilliseconds(() => action(run)));
    if (prototype) theirs.push(cpuMilliseconds(() => prototype(run)));
  }
  return { own: own.slice(warmUp), prototype: theirs.slice(warmUp) };
}

export function perUnit(times: Times, units: number): Pick<BenchRow, 'milliseconds' | 'p95' | 'prototype'> {
  return {
    milliseconds: quantile(times.own, 0.5) / units,
    p95: quantile(times.own, 0.95) / units,
    ...(times.prototype.length > 0 && { prototype: quantile(times.prototype, 0.5) / units }),
  };
}

function quantile(times: readonly number[], fraction: number): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length * fraction)] ?? 0;
}

function cpuMilliseconds(action: () => unknown): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Bytes of the frames of party 1, each once however many receive it. */
export function bytesOf(sent: readonly { readonly from: number; readonly frame: Buffer }[]): number {
  const frames = new Set(sent.filter(({ from }) => from === 1).map(({ frame }) => frame));
  return [...frames].reduce((sum, frame) => sum + frame.length, 0);
}

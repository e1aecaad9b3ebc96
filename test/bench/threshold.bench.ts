/**
 * CPU time (user and system) of the threshold library, per party: medians. Run it on an idle machine and on one core
 * (`taskset -c 1 node dist/test/bench/threshold.bench.js`). Where QUORATE_PROTOTYPE names a folder with the reference
 * prototype, each measurement alternates with the prototype's, so that both see the same machine.
 */
import { loadavg } from 'node:os';
import {
  combineShares,
  deriveChild,
  type KeyShare,
  onlineShare,
  type OnlineShare,
  parsePath,
  type PresignatureBatch,
  type SigningRequest,
} from '@quorate/threshold';
import { generateKey } from '../../libs/threshold/src/testing/ceremony-network';
import { presign } from '../../libs/threshold/src/testing/presign-harness';
import { loadPrototype, type Prototype } from './prototype';

/** One measurement. */
export interface BenchRow {
  readonly operation: 'keygen' | 'presignature' | 'online share' | 'combine';
  /** `t-of-n`. */
  readonly scheme: string;
  /** Presignatures per batch; presignatures only. */
  readonly batch?: number;
  /** CPU milliseconds per party (and per presignature). */
  readonly milliseconds: number;
  /** The same of the reference prototype. */
  readonly prototype?: number;
}

/** How much is measured. */
export interface BenchOptions {
  readonly schemes?: readonly (readonly [threshold: number, parties: number])[];
  readonly batches?: readonly number[];
  readonly runs?: number;
}

const WARM_UP = 5;

/** Measures key generation, presigning, online shares and combination. */
export async function benchThreshold({
  schemes = [[2, 3], [3, 5]], // prettier-ignore
  batches = [1, 8, 12, 32],
  runs = 15,
}: BenchOptions = {}): Promise<BenchRow[]> {
  const prototype = await loadPrototype(process.env['QUORATE_PROTOTYPE']);
  return schemes.flatMap(([threshold, parties]) => {
    const scheme = `${threshold}-of-${parties}`;
    const keygen = alternate(
      Math.ceil(runs / 3),
      (run) => generateKey(threshold, parties, `${run === 0 ? 'test' : run}`),
      prototype && (() => prototype.keygen(threshold, parties)),
    );
    const shares = generateKey(threshold, parties);
    const committee = [...shares.keys()].slice(0, threshold);
    const presigning = batches.map((batch) => {
      const spent = alternate(
        batch === 1 ? 3 * runs : runs,
        (run) => presign(shares, committee, batch, `${run}`),
        prototypePresigning(prototype, threshold, parties, batch),
      );
      return { operation: 'presignature', scheme, batch, ...perUnit(spent, threshold * batch) } as const;
    });
    return [
      { operation: 'keygen', scheme, ...perUnit(keygen, parties) },
      ...presigning,
      ...benchOnline(scheme, shares, committee),
    ];
  });
}

function prototypePresigning(
  prototype: Prototype | undefined,
  threshold: number,
  parties: number,
  batch: number,
): (() => unknown) | undefined {
  if (!prototype) return undefined;
  const { keys, ids } = prototype.keygen(threshold, parties);
  const committee = ids.slice(0, threshold);
  return () => prototype.presign(keys, committee, batch, undefined, Buffer.alloc(32, 7));
}

function benchOnline(scheme: string, shares: ReadonlyMap<number, KeyShare>, committee: number[]): BenchRow[] {
  const key = shares.get(1);
  if (!key) throw new RangeError('party 1 has a share');
  const batches = presign(shares, committee, 64, 'online');
  const count = batches.get(1)?.presignatures.length ?? 0;
  const child = deriveChild(key.publicKey, key.chainCode, parsePath('m/44/60/0'));
  const request = (p: number): SigningRequest => ({
    publicKey: key.publicKey,
    child,
    message32: Buffer.alloc(32, p + 1),
    requestNonce: Buffer.alloc(32, p),
    committee,
  });
  const online: Map<number, OnlineShare>[] = [];
  const sharing = cpuMilliseconds(() => {
    for (let p = 0; p < count; p++) online.push(sharesOf(batches, p, request(p)));
  });
  const first = batches.get(1)?.presignatures ?? [];
  const combining = cpuMilliseconds(() => {
    first.forEach(({ presignatureId, R }, p) => {
      combineShares({ presignatureId, R, request: request(p), shares: online[p] ?? new Map() });
    });
  });
  return [
    { operation: 'online share', scheme, milliseconds: sharing / count / committee.length },
    { operation: 'combine', scheme, milliseconds: combining / count },
  ];
}

function sharesOf(
  batches: ReadonlyMap<number, PresignatureBatch>,
  p: number,
  request: SigningRequest,
): Map<number, OnlineShare> {
  const online = new Map<number, OnlineShare>();
  for (const [index, { presignatures }] of batches) {
    const presignature = presignatures[p];
    const result = presignature && onlineShare(presignature, request);
    if (result?.kind === 'share') online.set(index, result.share);
  }
  return online;
}

/** Median CPU times of both, run in turn after five to warm up; milliseconds. */
function alternate(
  runs: number,
  action: (run: number) => unknown,
  prototype?: () => unknown,
): { own: number; prototype?: number } {
  const [own, theirs]: [number[], number[]] = [[], []];
  for (let run = -WARM_UP; run < runs; run++) {
    const spent = cpuMilliseconds(() => action(Math.max(run, 0)));
    const compared = prototype && cpuMilliseconds(prototype);
    if (run < 0) continue;
    own.push(spent);
    if (compared !== undefined) theirs.push(compared);
  }
  return { own: median(own), ...(prototype && { prototype: median(theirs) }) };
}

function perUnit(
  spent: { own: number; prototype?: number },
  units: number,
): Pick<BenchRow, 'milliseconds' | 'prototype'> {
  const { own, prototype } = spent;
  return { milliseconds: own / units, ...(prototype !== undefined && { prototype: prototype / units }) };
}

function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

function cpuMilliseconds(action: () => unknown): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

if (require.main === module) {
  void benchThreshold().then((rows) => {
    console.table(rows);
    console.log(`load averages: ${loadavg().map((load) => load.toFixed(1)).join(' ')}`); // prettier-ignore
  });
}

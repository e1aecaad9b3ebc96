/** CPU time of the threshold library, per party: medians. Run on an idle machine, beside what it is compared with. */
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

/** One measurement. */
export interface BenchRow {
  readonly operation: 'keygen' | 'presignature' | 'online share' | 'combine';
  /** `t-of-n`. */
  readonly scheme: string;
  /** Presignatures per batch; presignatures only. */
  readonly batch?: number;
  /** CPU milliseconds per party (and per presignature). */
  readonly milliseconds: number;
}

/** How much is measured. */
export interface BenchOptions {
  readonly schemes?: readonly (readonly [threshold: number, parties: number])[];
  readonly batches?: readonly number[];
  readonly runs?: number;
}

/** Measures key generation, presigning, online shares and combination. */
export function benchThreshold({
  schemes = [[2, 3], [3, 5]], // prettier-ignore
  batches = [1, 8, 12, 32],
  runs = 7,
}: BenchOptions = {}): BenchRow[] {
  return schemes.flatMap(([threshold, parties]) => {
    const scheme = `${threshold}-of-${parties}`;
    const keygen = repeat(Math.ceil(runs / 2), (run) =>
      generateKey(threshold, parties, `${run === 0 ? 'test' : run}`),
    );
    const shares = generateKey(threshold, parties);
    const committee = [...shares.keys()].slice(0, threshold);
    const rows: BenchRow[] = [{ operation: 'keygen', scheme, milliseconds: keygen / parties }];
    for (const batch of batches) {
      const spent = repeat(runs, (run) => presign(shares, committee, batch, `${run}`));
      rows.push({ operation: 'presignature', scheme, batch, milliseconds: spent / threshold / batch });
    }
    return [...rows, ...benchOnline(scheme, shares, committee)];
  });
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

/** Median of the CPU time of the runs, after one to warm up. */
function repeat(runs: number, action: (run: number) => unknown): number {
  action(0);
  const times = Array.from({ length: runs }, (_, run) => cpuMilliseconds(() => action(run)));
  return times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
}

function cpuMilliseconds(action: () => unknown): number {
  const before = process.cpuUsage();
  action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

if (require.main === module) console.table(benchThreshold());

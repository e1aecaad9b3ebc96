/**
 * CPU time of threshold ECDSA, per party: medians and 95th percentiles. Where QUORATE_PROTOTYPE
 * names the folder of the reference prototype, each measurement alternates with the prototype's, so that both see the
 * same machine.
 */
import {
  combineShares,
  createKeygenSession,
  deriveChild,
  type KeyShare,
  ONLINE_SHARE_BYTES,
  onlineShare,
  type OnlineShare,
  parsePath,
  type PresignatureBatch,
  type SigningRequest,
} from '@quorate/threshold';
import {
  generateKey,
  keygenStart,
  runSessions,
  testParties,
} from '../../libs/threshold/src/testing/ceremony-network';
import { presign, presignSessions } from '../../libs/threshold/src/testing/presign-harness';
import { seededRandom } from '../../libs/threshold/src/testing/seeded-random';
import { dealKey } from '../../libs/threshold/src/testing/trusted-dealer';
import { alternate, type BenchRow, bytesOf, type Measured, perUnit } from './cpu-time';
import { loadPrototype, type Prototype } from './prototype';

/** How much is measured. */
export interface BenchOptions {
  readonly schemes?: readonly (readonly [threshold: number, parties: number])[];
  readonly suites?: readonly (1 | 2)[];
  readonly batches?: readonly number[];
  readonly runs?: number;
}

/** Presignatures that the online phase is measured with: batches of the largest size, the first of them to warm up. */
const ONLINE_BATCH = 64;
const ONLINE_BATCHES = 5;

/** Measures key generation, presigning, online shares and combination. */
export async function benchThreshold({
  schemes = [[2, 3], [3, 5]], // prettier-ignore
  suites = [1],
  batches = [1, 8, 12, 32],
  runs = 15,
}: BenchOptions = {}): Promise<BenchRow[]> {
  const prototype = await loadPrototype(process.env['QUORATE_PROTOTYPE']);
  return schemes.flatMap(([threshold, parties]) =>
    suites.flatMap((suite) => {
      const compared = suite === 1 ? prototype : undefined;
      const { shares } = dealKey(threshold, parties, seededRandom('bench'), { suite });
      const committee = [...shares.keys()].slice(0, threshold);
      const scheme = `${threshold}-of-${parties}`;
      return [
        // Key generation is the same for both suites.
        ...(suite === 1 ? [benchKeygen(threshold, parties, runs, compared)] : []),
        ...batches.map((batch) => benchPresign(shares, committee, batch, runs, compared)),
        ...benchOnline(shares, committee, compared),
      ].map((row) => ({ ...row, scheme, suite }));
    }),
  );
}

function benchKeygen(threshold: number, parties: number, runs: number, prototype?: Prototype): Measured {
  const times = alternate(
    Math.ceil(runs / 3),
    (run) => generateKey(threshold, parties, `${run}`),
    prototype && (() => prototype.keygen(threshold, parties)),
  );
  const members = testParties(parties);
  const start = keygenStart(members, threshold);
  const sessions = new Map(
    members.map(({ index, sign, random }) => [index, createKeygenSession({ start, index, sign, random })]),
  );
  const { sent } = runSessions(sessions);
  return { operation: 'keygen', ...perUnit(times, parties), bytesSent: bytesOf(sent) };
}

function benchPresign(
  shares: ReadonlyMap<number, KeyShare>,
  committee: number[],
  batch: number,
  runs: number,
  prototype?: Prototype,
): Measured {
  const times = alternate(
    batch === 1 ? 3 * runs : runs,
    (run) => presign(shares, committee, batch, `${run}`),
    prototype && prototypePresigning(prototype, committee.length, shares.size, batch),
  );
  const { sent } = runSessions(presignSessions(shares, committee, batch, 'bytes'));
  const bytesSent = bytesOf(sent) / batch;
  return { operation: 'presignature', batch, ...perUnit(times, committee.length * batch), bytesSent };
}

function prototypePresigning(
  prototype: Prototype,
  threshold: number,
  parties: number,
  batch: number,
): () => Record<number, unknown[]> {
  const { keys, ids } = prototype.keygen(threshold, parties);
  const committee = ids.slice(0, threshold);
  return () => prototype.presign(keys, committee, batch, undefined, Buffer.alloc(32, 7));
}

/** The path of the key is derived already. */
function benchOnline(
  shares: ReadonlyMap<number, KeyShare>,
  committee: number[],
  prototype?: Prototype,
): Measured[] {
  const key = shares.get(1);
  if (!key) throw new RangeError('party 1 has a share');
  const child = deriveChild(key.publicKey, key.chainCode, parsePath('m/44/60/0'));
  const request = (p: number): SigningRequest => ({
    publicKey: key.publicKey,
    child,
    message32: Buffer.alloc(32, `message ${p}`),
    requestNonce: Buffer.alloc(32, `nonce ${p}`),
    committee,
  });
  const batches = Array.from({ length: ONLINE_BATCHES }, (_, k) =>
    presign(shares, committee, ONLINE_BATCH, `online ${k}`),
  );
  const batchOf = (p: number): ReadonlyMap<number, PresignatureBatch> =>
    batches[Math.floor(p / ONLINE_BATCH)] ?? new Map();
  const presignTheirs =
    prototype && prototypePresigning(prototype, committee.length, shares.size, ONLINE_BATCH);
  const theirs = presignTheirs && batches.map(() => presignTheirs());
  const theirsOf = (p: number, i: number): unknown =>
    theirs?.[Math.floor(p / ONLINE_BATCH)]?.[i]?.[p % ONLINE_BATCH];

  const online: Map<number, OnlineShare>[] = [];
  const prototypeOnline: unknown[][] = [];
  const runs = (ONLINE_BATCHES - 1) * ONLINE_BATCH;
  const sharing = alternate(
    runs,
    (p) => online.push(sharesOf(batchOf(p), p % ONLINE_BATCH, request(p))),
    prototype &&
      ((p) =>
        prototypeOnline.push(
          committee.map((i) => prototype.onlineShare(theirsOf(p, i), [], request(p).message32)),
        )),
    ONLINE_BATCH,
  );
  const combining = alternate(
    runs,
    (p) => {
      const presignature = batchOf(p).get(1)?.presignatures[p % ONLINE_BATCH];
      const shares = online[p];
      if (!presignature || !shares) throw new RangeError(`no presignature ${p}`);
      const { presignatureId, R } = presignature;
      return combineShares({ presignatureId, R, request: request(p), shares });
    },
    prototype && ((p) => prototype.combine(prototypeOnline[p] ?? [])),
    ONLINE_BATCH,
  );
  return [
    { operation: 'online share', ...perUnit(sharing, committee.length), bytesSent: ONLINE_SHARE_BYTES },
    { operation: 'combine', ...perUnit(combining, 1) },
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

/** CPU time of FROST, per party: key generation, nonces, shares and their combination. */
import { FROST_SHARE_BYTES, type SchnorrKeyShare } from '@quorate/threshold';
import {
  combined,
  copyNonces,
  frostShares,
  nonceSessions,
  prepareNonces,
  requestFor,
  the,
} from '../../libs/threshold/src/frost/testing/frost-harness';
import {
  generateSchnorrKey,
  runSessions,
  schnorrKeygenSessions,
  testParties,
} from '../../libs/threshold/src/testing/ceremony-network';
import { dealSchnorrKey } from '../../libs/threshold/src/testing/schnorr-dealer';
import { seededRandom } from '../../libs/threshold/src/testing/seeded-random';
import { alternate, type BenchRow, bytesOf, type Measured, perUnit } from './cpu-time';

const NONCE_BATCH = 12;
/** Signatures of the online phase; the first ones are to warm up. */
const SIGNATURES = 256;
const WARM_UP_SIGNATURES = 64;

/** Measures both suites for each scheme, the same committee sizes as for ECDSA. */
export function benchFrost(
  schemes: readonly (readonly [threshold: number, parties: number])[],
  suites: readonly (3 | 4)[],
  runs: number,
): BenchRow[] {
  return schemes.flatMap(([threshold, parties]) =>
    suites.flatMap((suite) => {
      const { shares } = dealSchnorrKey(suite, threshold, parties, seededRandom('bench'));
      const committee = [...shares.keys()].slice(0, threshold);
      return [
        benchKeygen(suite, threshold, parties, runs),
        benchNonces(shares, committee, runs),
        ...benchOnline(shares, committee),
      ].map((row) => ({ ...row, scheme: `${threshold}-of-${parties}`, suite }));
    }),
  );
}

function benchKeygen(suite: 3 | 4, threshold: number, parties: number, runs: number): Measured {
  const times = alternate(runs, () => generateSchnorrKey(threshold, parties, suite));
  const { sent } = runSessions(schnorrKeygenSessions(testParties(parties), threshold, suite));
  return { operation: 'keygen', ...perUnit(times, parties), bytesSent: bytesOf(sent) };
}

function benchNonces(
  shares: ReadonlyMap<number, SchnorrKeyShare>,
  committee: readonly number[],
  runs: number,
): Measured {
  const times = alternate(2 * runs, (run) => prepareNonces(shares, committee, NONCE_BATCH, `${run}`));
  const { sent } = runSessions(nonceSessions(shares, committee, NONCE_BATCH, 'bytes'));
  return {
    operation: 'nonce',
    batch: NONCE_BATCH,
    ...perUnit(times, committee.length * NONCE_BATCH),
    bytesSent: bytesOf(sent) / NONCE_BATCH,
  };
}

function benchOnline(shares: ReadonlyMap<number, SchnorrKeyShare>, committee: readonly number[]): Measured[] {
  const total = WARM_UP_SIGNATURES + SIGNATURES;
  const request = (p: number) => requestFor(shares, committee, Buffer.alloc(32, `message ${p}`));
  const batches = Array.from({ length: Math.ceil(total / 64) }, (_, k) =>
    prepareNonces(shares, committee, 64, `online ${k}`),
  );
  const signers = Array.from({ length: total }, (_, p) =>
    copyNonces(the(batches[Math.floor(p / 64)]), p % 64),
  );
  const answers: ReturnType<typeof frostShares>[] = [];
  const sharing = alternate(
    SIGNATURES,
    (p) => answers.push(frostShares(shares, the(signers[p]), request(p))),
    undefined,
    WARM_UP_SIGNATURES,
  );
  const combining = alternate(
    SIGNATURES,
    (p) => combined(shares, the([...the(signers[p]).values()][0]), request(p), the(answers[p])),
    undefined,
    WARM_UP_SIGNATURES,
  );
  return [
    { operation: 'signature share', ...perUnit(sharing, committee.length), bytesSent: FROST_SHARE_BYTES },
    { operation: 'combine', ...perUnit(combining, 1) },
  ];
}

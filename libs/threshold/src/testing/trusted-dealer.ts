import { H } from '../hash';
import { type KeyShare, type PairState } from '../keygen/key-share';
import { multiplyBase, type Point } from '../group/point';
import { type RandomSource } from '../random';
import { mod, randomScalar, scalarToBytes } from '../group/scalar';
import { keyIdOf } from '../session/session-id';
import { MAX_PARTIES, type EcdsaSuiteId } from '../suite';
import { testParties, type TestParty } from './ceremony-network';

const IDENTITIES = new Map(testParties(MAX_PARTIES).map((party) => [party.index, party]));

/** The identity of a party index: the same in every test, and that of a key that `generateKey` made. */
export function identityOf(index: number): TestParty {
  const party = IDENTITIES.get(index);
  if (!party) throw new RangeError(`no party ${index}`);
  return party;
}

const SEEDS = 128;

/** Base OTs of one direction, as an honest run of section 4 leaves them. */
export function dealBaseOt(random: RandomSource): Pick<PairState, 'asSender' | 'asReceiver'> {
  const nabla = random(16);
  const [seeds0, seeds1] = [random(SEEDS * 32), random(SEEDS * 32)];
  const seeds = Buffer.alloc(SEEDS * 32);
  for (let m = 0; m < SEEDS; m++) {
    const bit = (nabla.readUInt8(m >>> 3) >>> (m & 7)) & 1;
    (bit ? seeds1 : seeds0).copy(seeds, m * 32, m * 32, (m + 1) * 32);
  }
  return { asSender: { nabla, seeds }, asReceiver: { seeds0, seeds1 } };
}

/** The key shares of n parties as an honest key generation would leave them, and the key itself. */
export function dealKey(
  threshold: number,
  parties: number,
  random: RandomSource,
  options: { suite?: EcdsaSuiteId; epoch?: number } = {},
): { secretKey: bigint; shares: Map<number, KeyShare> } {
  const indices = Array.from({ length: parties }, (_, k) => k + 1);
  const polynomial = Array.from({ length: threshold }, () => randomScalar(random));
  const shareOf = (x: number) => polynomial.reduceRight((sum, a) => mod(sum * BigInt(x) + a), 0n);
  const publicKey = multiplyBase(polynomial[0] ?? 0n);
  const publicShares = new Map<number, Point>(indices.map((m) => [m, multiplyBase(shareOf(m))]));
  const chainCode = random(32);
  const identities = new Map(indices.map((m) => [m, Buffer.from(identityOf(m).identityKey)]));
  const pairs = new Map(indices.map((m) => [m, new Map<number, PairState>()]));
  for (const i of indices) {
    for (const j of indices.filter((peer) => peer > i)) {
      const [forward, backward, zeroSeed] = [dealBaseOt(random), dealBaseOt(random), random(32)];
      pairs.get(i)?.set(j, {
        pairCounter: 0,
        asSender: forward.asSender,
        asReceiver: backward.asReceiver,
        zeroSeed,
      });
      pairs.get(j)?.set(i, {
        pairCounter: 0,
        asSender: backward.asSender,
        asReceiver: forward.asReceiver,
        zeroSeed: Buffer.from(zeroSeed),
      });
    }
  }
  const shares = new Map<number, KeyShare>();
  const keyId = keyIdOf(publicKey);
  const epoch = options.epoch ?? 0;
  for (const index of indices) {
    shares.set(index, {
      suite: options.suite ?? 1,
      keyId,
      epoch,
      threshold,
      parties,
      index,
      share: scalarToBytes(shareOf(index)),
      publicKey,
      publicShares,
      chainCode,
      pairs: pairs.get(index) ?? new Map<number, PairState>(),
      identities,
      certificate: {
        suite: options.suite ?? 1,
        epoch,
        sid: H('sid', 'dealt'),
        ssid: H('dkg/ssid', 'dealt'),
        transcript: H('dkg/r2', 'dealt'),
        threshold,
        identities,
        publicKey,
        publicShares,
        chainCode,
        signatures: new Map(),
      },
    });
  }
  return { secretKey: polynomial[0] ?? 0n, shares };
}

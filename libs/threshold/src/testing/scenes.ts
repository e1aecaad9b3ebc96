/** Every ceremony of the library, with party 2 dishonest. */
import { verifyCertificate } from '../certificate/certificate';
import { createNonceSession } from '../frost/nonce-session';
import { type NonceBatch } from '../frost/nonce-batch';
import { nonceStart } from '../frost/testing/frost-harness';
import { createKeygenSession, createSchnorrKeygenSession } from '../keygen/keygen';
import {
  type KeyShare,
  type PairState,
  type PendingKeyShare,
  type PendingSchnorrKeyShare,
  type SchnorrKeyShare,
} from '../keygen/key-share';
import { createPairJudge } from '../presign/pair-judge';
import { createPresignSession } from '../presign/presign';
import { type PresignatureBatch } from '../presign/presignature';
import { createRekeySession } from '../rekey/rekey';
import { rekeyStart } from '../rekey/testing/rekey-harness';
import { type PendingReshare, type Reshared } from '../reshare/pending-reshare';
import { createReshareSession } from '../reshare/reshare';
import { type Session, type SessionConfig } from '../session/session';
import { type SessionStart } from '../session/session-start';
import { groupOf, type SchnorrSuiteId } from '../suite';
import { type Scene } from './adversary';
import { generateKey, generateSchnorrKey, keygenStart, testParties } from './ceremony-network';
import { presignStart } from './presign-harness';
import { type AnyShare, reshareConfig, type ResharePlan, reshareStart } from './reshare-network';
import { dealSchnorrKey } from './schnorr-dealer';
import { seededRandom } from './seeded-random';
import { dealKey, identityOf } from './trusted-dealer';

const CORRUPT = 2;

/** Presignatures, or nonces, of each batch. */
export const BATCH = 2;

function sessionsOf<S extends SessionStart, R, P>(
  start: S,
  create: (config: SessionConfig & { start: S }) => Session<R, P>,
): Scene<R, P>['sessions'] {
  return (randomOf) =>
    new Map(
      start.participants.map(({ index }) => [
        index,
        create({ start, index, sign: identityOf(index).sign, random: randomOf(index) }),
      ]),
    );
}

function shareOf<T>(shares: ReadonlyMap<number, T>, index: number): T {
  const share = shares.get(index);
  if (!share) throw new RangeError(`no share of party ${index}`);
  return share;
}

const dealt = {
  facts: ({ keyId, epoch, threshold, publicKey, publicShares, chainCode, certificate }: AnyShare) => [
    [keyId, epoch, threshold, publicKey, [...publicShares], chainCode],
    [certificate.ssid, certificate.transcript, [...certificate.signatures]],
  ],
  /** Any t shares are the key: all P_m are on one polynomial, and each share is the one of its P_m. */
  check(share: AnyShare, party: number): void {
    const point = groupOf(share.suite).multiplyBase(share.share);
    const isShare = share.index === party && share.publicShares.get(party)?.equals(point) === true;
    if (!isShare || !verifyCertificate(share.certificate, share.identities))
      throw new Error('not a share of the key');
  },
  secretsOf: (share: AnyShare) => [
    share.share,
    ...('pairs' in share ? [...share.pairs.values()].flatMap(pairSecrets) : []),
  ],
};

function pairSecrets({ asSender, asReceiver, zeroSeed }: PairState): Buffer[] {
  return [asSender.seeds, asReceiver.seeds0, asReceiver.seeds1, zeroSeed];
}

/** Key generation 2-of-3 for FROST. */
export function schnorrKeygenScene(suite: SchnorrSuiteId): Scene<SchnorrKeyShare, PendingSchnorrKeyShare> {
  const start = keygenStart(testParties(3), 2, suite);
  const sessions = sessionsOf(start, createSchnorrKeygenSession);
  return { name: `key generation, suite ${suite}`, start, corrupt: CORRUPT, sessions, ...dealt };
}

/** Key generation 2-of-2 for ECDSA. */
export function keygenScene(): Scene<KeyShare, PendingKeyShare> {
  const start = keygenStart(testParties(2), 2, 1);
  const sessions = sessionsOf(start, createKeygenSession);
  return { name: 'key generation, suite 1', start, corrupt: CORRUPT, sessions, ...dealt };
}

function reshareScene(
  name: string,
  key: ReadonlyMap<number, AnyShare>,
  plan: ResharePlan,
): Scene<Reshared, PendingReshare> {
  const start = reshareStart(shareOf(key, 1).certificate, plan);
  const sessions = sessionsOf(start, (config) =>
    createReshareSession({ ...reshareConfig(key, plan, config.index), ...config }),
  );
  return {
    name,
    start,
    corrupt: CORRUPT,
    sessions,
    facts: ({ certificate }) => [
      [certificate.epoch, certificate.threshold, certificate.publicKey, [...certificate.publicShares]],
      [certificate.chainCode, certificate.dealers, certificate.transcript, [...certificate.signatures]],
    ],
    check: ({ share }, party) => {
      if (share) dealt.check(share, party);
    },
    secretsOf: ({ share }) => (share ? dealt.secretsOf(share) : []),
  };
}

/** 2-of-3 {1, 2, 3} becomes 3-of-3 {2, 3, 4}: the dishonest party deals and receives. */
export function schnorrReshareScene(suite: SchnorrSuiteId): Scene<Reshared, PendingReshare> {
  const plan = { dealers: [1, 2, 3], threshold: 3, receivers: [2, 3, 4] };
  return reshareScene(`reshare, suite ${suite}`, generateSchnorrKey(2, 3, suite), plan);
}

/** Refresh of a 2-of-2 key for ECDSA. */
export function ecdsaReshareScene(): Scene<Reshared, PendingReshare> {
  return reshareScene('reshare, suite 1', generateKey(2, 2), {
    dealers: [1, 2],
    threshold: 2,
    receivers: [1, 2],
  });
}

/** A key for ECDSA, 2-of-3. */
export const ecdsaKey = dealKey(2, 3, seededRandom('scenes'));

/** Presigning of 2 or 3 of a 2-of-3 key. */
export function presignScene(committee: readonly number[]): Scene<PresignatureBatch, never> {
  const { shares } = ecdsaKey;
  const start = presignStart(shares, [...committee], BATCH);
  return {
    name: `presign of ${committee.length}`,
    start,
    corrupt: CORRUPT,
    sessions: sessionsOf(start, (config) =>
      createPresignSession({
        ...config,
        keyShare: shareOf(shares, config.index),
        judge: createPairJudge(new Set(), () => undefined),
      }),
    ),
    facts: ({ sid, h2, keyId, epoch, presignatures }) => [
      [sid, h2, keyId, epoch],
      presignatures.map(({ presignatureId, R }) => [presignatureId, R]),
    ],
    check: ({ presignatures }) => {
      if (presignatures.length !== BATCH) throw new Error('not a batch');
    },
    secretsOf: ({ presignatures }) => presignatures.flatMap(({ phi, u, v }) => [phi, u, v]),
  };
}

/** Re-key of the pair 1, 2. */
export function rekeyScene(): Scene<PairState, PairState> {
  const { shares } = ecdsaKey;
  const start = rekeyStart(shareOf(shares, 1), [1, 2]);
  return {
    name: 'pair re-key',
    start,
    corrupt: CORRUPT,
    sessions: sessionsOf(start, (config) =>
      createRekeySession({ ...config, keyShare: shareOf(shares, config.index) }),
    ),
    facts: ({ pairCounter }) => pairCounter,
    check: ({ pairCounter }) => {
      if (pairCounter !== 1) throw new Error('not the new pair state');
    },
    secretsOf: pairSecrets,
  };
}

/** Keys for FROST, 2-of-3. */
export const schnorrKeys = {
  3: dealSchnorrKey(3, 2, 3, seededRandom('scenes/3')),
  4: dealSchnorrKey(4, 2, 3, seededRandom('scenes/4')),
};

/** Nonces of all three of a 2-of-3 key. */
export function nonceScene(suite: SchnorrSuiteId): Scene<NonceBatch, never> {
  const { shares } = schnorrKeys[suite];
  const start = nonceStart(shares, [1, 2, 3], BATCH);
  const group = groupOf(suite);
  return {
    name: `nonces, suite ${suite}`,
    start,
    corrupt: CORRUPT,
    sessions: sessionsOf(start, (config) =>
      createNonceSession({ ...config, keyShare: shareOf(shares, config.index) }),
    ),
    facts: ({ sid, digest, keyId, nonces }) => [
      [sid, digest, keyId],
      nonces.map(({ nonceId, commitments }) => [nonceId, [...commitments]]),
    ],
    check: ({ nonces }, party) => {
      const isOwn = nonces.every(({ hiding, commitments }) =>
        commitments.get(party)?.hiding.equals(group.multiplyBase(hiding)),
      );
      if (!isOwn) throw new Error('not the nonces of this party');
    },
    secretsOf: ({ nonces }) => nonces.flatMap(({ hiding, binding }) => [hiding, binding]),
  };
}

import { type KeyShare } from '../keygen/key-share';
import { createPairJudge } from '../presign/pair-judge';
import { createPresignSession, type PresignConfig } from '../presign/presign';
import { type PresignatureBatch } from '../presign/presignature';
import { type Session } from '../session/session';
import { type PresignStart } from '../session/session-start';
import { runSessions, type Tamper } from './ceremony-network';
import { identityOf } from './trusted-dealer';
import { seededRandom } from './seeded-random';

/** A start message for a committee of dealt shares. */
export function presignStart(
  shares: ReadonlyMap<number, KeyShare>,
  committee: number[],
  batch: number,
): PresignStart {
  const [key] = [...shares.values()];
  if (!key) throw new RangeError('no shares');
  return {
    suite: key.suite,
    purpose: 'presign',
    keyId: key.keyId,
    epoch: key.epoch,
    threshold: key.threshold,
    parties: key.parties,
    participants: committee.map((index) => ({
      index,
      identityKey: identityOf(index).identityKey,
      bootId: Buffer.alloc(16, index),
    })),
    batch,
    notAfter: 2_000_000_000,
    rnd: Buffer.alloc(32, 7),
  };
}

/** One session per member, with reproducible randomness. */
export function presignSessions(
  shares: ReadonlyMap<number, KeyShare>,
  committee: number[],
  batch: number,
  seed: string,
  override: (index: number) => Partial<PresignConfig> = () => ({}),
): Map<number, Session<PresignatureBatch>> {
  const start = presignStart(shares, committee, batch);
  return new Map(
    committee.map((index) => {
      const key = shares.get(index);
      if (!key) throw new RangeError(`no share of party ${index}`);
      const random = seededRandom(`${seed}/${index}`);
      const judge = createPairJudge(new Set(), () => undefined);
      const config = {
        start,
        index,
        sign: identityOf(index).sign,
        random,
        keyShare: key,
        judge,
        ...override(index),
      };
      return [index, createPresignSession(config)];
    }),
  );
}

/** The batches of an honest run. */
export function presign(
  shares: ReadonlyMap<number, KeyShare>,
  committee: number[],
  batch: number,
  seed: string,
  tamper?: Tamper,
): Map<number, PresignatureBatch> {
  const { outcomes } = runSessions(presignSessions(shares, committee, batch, seed), tamper);
  return new Map(
    committee.map((index) => {
      const outcome = outcomes.get(index);
      if (outcome?.kind !== 'result') throw outcome?.failure ?? new Error('no result');
      return [index, outcome.value];
    }),
  );
}

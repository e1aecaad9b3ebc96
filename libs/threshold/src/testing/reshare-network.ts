import { type Certificate } from '../certificate/certificate';
import { type KeyShare, type SchnorrKeyShare } from '../keygen/key-share';
import { type ReshareConfig } from '../reshare/context';
import { type PendingReshare, type Reshared } from '../reshare/pending-reshare';
import { createReshareSession } from '../reshare/reshare';
import { keyIdOf } from '../session/session-id';
import { type ReshareStart } from '../session/session-start';
import { type Session } from '../session/session';
import { resultsOf, runSessions, type Tamper } from './ceremony-network';
import { identityOf } from './trusted-dealer';
import { seededRandom } from './seeded-random';

export type AnyShare = KeyShare | SchnorrKeyShare;

/** Who deals to whom. */
export interface ResharePlan {
  /** O */
  readonly dealers: readonly number[];
  /** t' */
  readonly threshold: number;
  /** N */
  readonly receivers: readonly number[];
  /** The next one when absent. */
  readonly epoch?: number;
}

export function reshareStart(certificate: Certificate, plan: ResharePlan): ReshareStart {
  const participants = [...new Set([...plan.dealers, ...plan.receivers])].map((index) => {
    const { identityKey, bootId } = identityOf(index);
    return { index, identityKey, bootId };
  });
  return {
    suite: certificate.suite,
    purpose: 'reshare',
    keyId: keyIdOf(certificate.publicKey),
    oldEpoch: certificate.epoch,
    epoch: plan.epoch ?? certificate.epoch + 1,
    threshold: certificate.threshold,
    parties: certificate.identities.size,
    participants,
    dealers: plan.dealers,
    newThreshold: plan.threshold,
    receivers: plan.receivers,
    notAfter: 1_800_000_000,
    rnd: seededRandom('reshare')(32),
  };
}

/** What a party brings to a reshare: a dealer its share, the others only public facts. */
export function reshareConfig(
  key: ReadonlyMap<number, AnyShare>,
  plan: ResharePlan,
  index: number,
  seed = 'reshare',
): ReshareConfig {
  const [known] = [...key.values()];
  if (!known) throw new RangeError('no shares');
  const { certificate, identities, epoch } = known;
  const share = key.get(index)?.share;
  return {
    start: reshareStart(certificate, plan),
    index,
    sign: identityOf(index).sign,
    random: seededRandom(`${seed}/${index}`),
    old: { certificate, identities, ...(share && { share }) },
    lastEpoch: epoch,
  };
}

/** Sessions of O and N. */
export function reshareSessions(
  key: ReadonlyMap<number, AnyShare>,
  plan: ResharePlan,
  seed?: string,
): Map<number, Session<Reshared, PendingReshare>> {
  const members = [...new Set([...plan.dealers, ...plan.receivers])];
  return new Map(
    members.map((index) => [index, createReshareSession(reshareConfig(key, plan, index, seed))]),
  );
}

/** The shares of the new epoch, after a run without faults. */
export function reshare(
  key: ReadonlyMap<number, AnyShare>,
  plan: ResharePlan,
  tamper?: Tamper,
): Map<number, AnyShare> {
  const results = resultsOf(runSessions(reshareSessions(key, plan), tamper));
  return new Map([...results].flatMap(([party, { share }]) => (share ? [[party, share] as const] : [])));
}

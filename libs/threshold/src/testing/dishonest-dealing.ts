import { type Certificate } from '../certificate/certificate';
import { type Dealing, DealingCeremony } from '../dealing/ceremony';
import { keygenContext, type KeygenContext } from '../keygen/context';
import { keygenDealing } from '../keygen/dealing';
import { type PendingSchnorrKeyShare, type SchnorrKeyShare, schnorrShare } from '../keygen/key-share';
import { type Chosen } from '../keygen/round1';
import { type Committed } from '../keygen/round2';
import { type Opened } from '../keygen/round3';
import { type ReshareConfig, reshareContext, type ReshareContext } from '../reshare/context';
import { reshareDealing } from '../reshare/dealing';
import { type PendingReshare, type Reshared } from '../reshare/pending-reshare';
import { createSession, type Session } from '../session/session';
import { type SchnorrSuiteId } from '../suite';
import { keygenStart, type TestParty } from './ceremony-network';

type SchnorrDealing = Dealing<
  Chosen,
  Committed,
  Opened,
  PendingSchnorrKeyShare & { readonly certificate: Certificate },
  PendingSchnorrKeyShare
>;

/** A party of key generation that does other mathematics than the protocol's; it signs what it sends. */
export function dishonestKeygen(
  parties: readonly TestParty[],
  threshold: number,
  suite: SchnorrSuiteId,
  cheater: TestParty,
  change: (
    dealing: SchnorrDealing,
    context: KeygenContext<PendingSchnorrKeyShare>,
  ) => Partial<SchnorrDealing>,
): Session<SchnorrKeyShare, PendingSchnorrKeyShare> {
  const start = keygenStart(parties, threshold, suite);
  const context = keygenContext(start, { start, ...cheater }, schnorrShare(suite));
  const dealing = keygenDealing(context);
  return createSession(
    { start, ...cheater },
    new DealingCeremony({ ...dealing, ...change(dealing, context) }),
  );
}

/** A party of a reshare whose view of the old epoch is changed. */
export function dishonestReshare(
  config: ReshareConfig,
  change: (context: ReshareContext) => Partial<ReshareContext>,
): Session<Reshared, PendingReshare> {
  const context = reshareContext(config);
  return createSession(config, new DealingCeremony(reshareDealing({ ...context, ...change(context) })));
}

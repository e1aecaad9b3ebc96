/** What stays the same over the rounds of one key generation. */
import { type DealingContext, type DealingRoles } from '../dealing/context';
import { type SessionConfig } from '../session/session';
import { sessionId, sorted } from '../session/session-id';
import { type KeygenStart } from '../session/session-start';
import { groupOf } from '../suite';
import { OwnedSecrets } from '../owned-secrets';
import { type ShareMaker } from './key-share';

/** All parties deal and all receive. */
export interface KeygenContext<P> extends DealingContext {
  readonly start: KeygenStart;
  readonly makeShare: ShareMaker<P>;
}

/** @throws InvalidInput for an invalid start */
export function keygenContext<P>(
  start: KeygenStart,
  { index, random }: SessionConfig,
  makeShare: ShareMaker<P>,
): KeygenContext<P> {
  return { ...keygenRoles(start), start, makeShare, index, random, secrets: new OwnedSecrets() };
}

/** @throws InvalidInput for an invalid start */
export function keygenRoles(start: KeygenStart): DealingRoles {
  const sid = sessionId(start);
  const { suite, threshold } = start;
  const parties = sorted(start.participants).map((participant) => participant.index);
  const roles = { participants: parties, dealers: parties, receivers: parties };
  return { name: 'keygen', suite, group: groupOf(suite), sid, ...roles, threshold };
}

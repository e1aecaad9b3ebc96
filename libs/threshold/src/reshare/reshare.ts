/**
 * Refresh, change of threshold or of members, and repair: one protocol (specification section 13). The old committee O deals
 * its shares to the new parties N; the public key and the chain code stay, every share and every pair state is new.
 * Refresh: N are the old parties and t' = t. Repair: the party that lost its share is in N, not in O. Removal: not in N.
 */
import { DealingCeremony } from '../dealing/ceremony';
import { createSession, type Session } from '../session/session';
import { reshareContext, type ReshareConfig } from './context';
import { reshareDealing } from './dealing';
import { type PendingReshare, type Reshared } from './pending-reshare';

/**
 * One party's run: four rounds among O and N.
 *
 * The step that completes round 3 has `pending`: store it durably before its frames are sent. They are this party's
 * confirmation; whoever shows the certificate later must find it ({@link activateReshare}), also when the session fails
 * after it. Keep the old share too until a certificate of this or a higher epoch is active and the new epoch is healthy.
 *
 * The node checks before that operators ordered the reshare: that is not known here.
 *
 * @throws InvalidInput when the start is not valid, does not fit the old epoch, or its epoch number is burned
 */
export function createReshareSession(config: ReshareConfig): Session<Reshared, PendingReshare> {
  return createSession(config, new DealingCeremony(reshareDealing(reshareContext(config))));
}

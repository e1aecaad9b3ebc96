import { type SignPartial } from '@quorate/protocol';
import { InvalidInput, isEcdsaSuite, ProtocolFailure } from '@quorate/threshold';
import { type UsableKey } from '../key-registry/key-registry';
import { type CommitteeChosen, type SignRequested } from '../sign-request/events';
import { type Combination } from './combination';
import { combineEcdsa } from './ecdsa-combination';
import { combineSchnorr } from './schnorr-combination';

/**
 * Combines the partials of all committee members into a signature that was verified. What is signed is the coordinator's
 * own reading of the request, never what a partial says.
 */
export function combine(
  key: UsableKey,
  request: SignRequested,
  attempt: CommitteeChosen,
  partials: readonly SignPartial[],
): Combination {
  const { suite } = key;
  try {
    return isEcdsaSuite(suite)
      ? combineEcdsa(key, request, attempt, partials)
      : combineSchnorr(suite, key, request, attempt, partials);
  } catch (error) {
    if (error instanceof InvalidInput) return { kind: 'failure', reason: error.message };
    if (!(error instanceof ProtocolFailure)) throw error;
    const { failureClass, message, accused: index } = error;
    // A share for another request convicts nobody (AGREE): it may be what this coordinator was told that differs.
    const accused =
      failureClass === 'IDENT'
        ? attempt.committee.find((node) => key.indices.get(node) === index)
        : undefined;
    return { kind: 'failure', reason: message, ...(accused !== undefined && { accused }) };
  }
}

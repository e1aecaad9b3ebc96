import { fromHex, type SessionFacts } from '@quorate/protocol';
import { type SessionStart, type SuiteId } from '@quorate/threshold';

const SUITES: readonly SuiteId[] = [1, 2, 3, 4];

/** The session that a node described in its event, as the threshold library computes ids from it; undefined if it is none. */
export function sessionStartOf(facts: SessionFacts): SessionStart | undefined {
  const suite = SUITES.find((known) => known === facts.suite);
  if (suite === undefined) return undefined;
  const { epoch, threshold, parties, notAfter } = facts;
  const participants = facts.participants.map(({ index, identityKey, bootId }) => ({
    index,
    identityKey: fromHex(identityKey),
    bootId: fromHex(bootId),
  }));
  const common = { suite, epoch, threshold, parties, participants, notAfter, rnd: fromHex(facts.rnd) };
  if (facts.purpose === 'dkg') return { ...common, purpose: 'dkg' };
  if (facts.keyId === undefined) return undefined;
  const keyed = { ...common, keyId: Buffer.from(facts.keyId.slice('k_'.length), 'hex') };
  switch (facts.purpose) {
    case 'presign':
    case 'health':
      return { ...keyed, purpose: 'presign', batch: facts.batch };
    case 'rekey':
      return { ...keyed, purpose: 'rekey', pairCounter: facts.pairCounter };
    case 'reshare': {
      const { oldEpoch, dealers, receivers, newThreshold } = facts;
      return { ...keyed, purpose: 'reshare', oldEpoch, dealers, receivers, newThreshold };
    }
  }
}

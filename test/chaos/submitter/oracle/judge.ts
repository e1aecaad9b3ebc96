/** The oracle: what must hold of every run, whatever was done to it (submitter.md, I1 to I7). Pure. */
import { type Violation } from '../../oracle/violations';
import { attemptFaults } from './attempts';
import { type Evidence } from './evidence';
import { laneFaults } from './lanes';
import { outcomeFaults } from './outcomes';
import { paymentFaults } from './payments';
import { replayFaults } from './replay';

/** One check of one promise. */
export type Check = (evidence: Evidence) => Violation[];

const checks: readonly Check[] = [paymentFaults, laneFaults, attemptFaults, outcomeFaults, replayFaults];

/** Of a run that has not come to rest, only that; all else would be about what is on its way. */
export function judge(evidence: Evidence): Violation[] {
  const unrest = unrestFaults(evidence);
  return unrest.length > 0 ? unrest : checks.flatMap((check) => check(evidence));
}

function unrestFaults({ open, unheard }: Evidence): Violation[] {
  const stuck = open.map(({ intentId, status, lane, nonce }) => ({
    check: 'nothing is stuck',
    evidence: `${intentId} is ${status}${nonce === undefined || nonce === null ? '' : `, nonce ${nonce} of ${lane}`}`,
  }));
  const lost = { check: 'every outcome is published', evidence: `${unheard} outcomes never came` };
  return unheard > 0 ? [...stuck, lost] : stuck;
}

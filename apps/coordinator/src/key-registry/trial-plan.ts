import { type CeremonyStatus } from '../ceremony/ceremony';
import { committeeName } from '../ports/presign-batches.port';

/** Health checks of one key that run at a time on one node. */
const CHECKS_PER_NODE = 2;
/** How often a committee may fail. */
const TRIES = 3;
/** A key in use none of whose committees works may fail once more in each of these times. */
const TRY_EVERY_MS = 5_000;
/** The trial of new shares of a key in use does not wait longer than this for what does not work. */
const PATIENCE_MS = 30_000;

/** Health checks of a new epoch so far (threshold-ecdsa.md 3). */
export interface TrialSituation {
  /** Committees that together contain every pair; none where pairs have no state. */
  readonly committees: readonly (readonly string[])[];
  readonly checks: readonly { readonly committee: readonly string[]; readonly status: CeremonyStatus }[];
  readonly isReady: (node: string) => boolean;
  /**
   * Whether one working committee is enough: the nodes of a key in use do not go back to its former epoch, and it must not
   * stand still for a pair that fails or a node that is away; a key that nobody uses yet is only good with all its pairs.
   */
  readonly isKeyInUse: boolean;
  /** How long the trial has gone on. */
  readonly ageMs: number;
}

export type TrialPlan =
  | { readonly kind: 'open'; readonly start: readonly (readonly string[])[] }
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Which committees to check now, or what the checks have shown. Pure. */
export function planTrial(situation: TrialSituation): TrialPlan {
  const { committees, checks, isReady, isKeyInUse, ageMs } = situation;
  const ofCommittee = committees.map((committee) => {
    const name = committeeName(committee);
    const own = checks.filter((check) => committeeName(check.committee) === name);
    return { committee, name, statuses: own.map(({ status }) => status) };
  });
  const passed = ofCommittee.filter(({ statuses }) => statuses.includes('ok')).length;
  const isLate = isKeyInUse && ageMs > PATIENCE_MS;
  const more = isKeyInUse && passed === 0 ? Math.floor(Math.min(ageMs, PATIENCE_MS) / TRY_EVERY_MS) : 0;
  const tries = TRIES + more;
  const load = new Map<string, number>();
  for (const { committee, status } of checks) if (status === 'running') count(load, committee);
  const start: (readonly string[])[] = [];
  const failed: string[] = [];
  let given = 0;
  for (const { committee, name, statuses } of ofCommittee) {
    if (statuses.includes('ok') || statuses.includes('running')) continue;
    if (statuses.length >= tries) failed.push(name);
    else if (!committee.every(isReady)) given += isLate ? 1 : 0;
    else if (committee.every((node) => (load.get(node) ?? 0) < CHECKS_PER_NODE)) {
      start.push(committee);
      count(load, committee);
    }
  }
  const isHopeless = !isKeyInUse || (isLate && failed.length === committees.length);
  if (failed.length > 0 && isHopeless)
    return { kind: 'failed', reason: `the health check of ${failed.join(' and of ')} failed ${tries} times` };
  const isSettled = passed + failed.length + given === committees.length;
  const isEnough = passed > 0 || committees.length === 0;
  return isSettled && isEnough ? { kind: 'passed' } : { kind: 'open', start };
}

function count(load: Map<string, number>, nodes: readonly string[]): void {
  for (const node of nodes) load.set(node, (load.get(node) ?? 0) + 1);
}

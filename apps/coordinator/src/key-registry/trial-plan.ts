import { type CeremonyStatus } from '../ceremony/ceremony';
import { committeeName } from '../ports/presign-batches.port';

/** Health checks of one key that run at a time on one node, and how often a committee may fail. */
const CHECKS_PER_NODE = 2;
const TRIES = 3;

/** Health checks of a new epoch so far (threshold-ecdsa.md 3). */
export interface TrialSituation {
  /** Committees that together contain every pair; none where pairs have no state. */
  readonly committees: readonly (readonly string[])[];
  readonly checks: readonly { readonly committee: readonly string[]; readonly status: CeremonyStatus }[];
  readonly isReady: (node: string) => boolean;
  /**
   * Whether one working committee is enough: a key in use must not stand still for a node that is away, or a pair that
   * fails; a key that nobody uses yet is only good with all its pairs.
   */
  readonly isPartialEnough: boolean;
}

export type TrialPlan =
  | { readonly kind: 'open'; readonly start: readonly (readonly string[])[] }
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Which committees to check now, or what the checks have shown. Pure. */
export function planTrial(situation: TrialSituation): TrialPlan {
  const { committees, checks, isReady, isPartialEnough } = situation;
  const load = new Map<string, number>();
  for (const { committee, status } of checks) if (status === 'running') count(load, committee);
  const start: (readonly string[])[] = [];
  const failed: string[] = [];
  let passed = 0;
  let given = 0;
  for (const committee of committees) {
    const name = committeeName(committee);
    const own = checks.filter((check) => committeeName(check.committee) === name);
    if (own.some(({ status }) => status === 'ok')) passed++;
    else if (own.some(({ status }) => status === 'running')) continue;
    else if (own.length >= TRIES) failed.push(name);
    else if (!committee.every(isReady)) given += isPartialEnough ? 1 : 0;
    else if (committee.every((node) => (load.get(node) ?? 0) < CHECKS_PER_NODE)) {
      start.push(committee);
      count(load, committee);
    }
  }
  const isFailed = failed.length > 0 && (!isPartialEnough || failed.length === committees.length);
  if (isFailed) {
    return { kind: 'failed', reason: `the health check of ${failed.join(' and of ')} failed ${TRIES} times` };
  }
  const isSettled = passed + failed.length + given === committees.length;
  const isEnough = passed > 0 || committees.length === 0;
  return isSettled && isEnough ? { kind: 'passed' } : { kind: 'open', start };
}

function count(load: Map<string, number>, nodes: readonly string[]): void {
  for (const node of nodes) load.set(node, (load.get(node) ?? 0) + 1);
}

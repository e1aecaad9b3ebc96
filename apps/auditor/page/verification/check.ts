/** One thing that this browser checked, in words. */
export interface Check {
  readonly what: 'signature' | 'inclusion' | 'content' | 'continuity' | 'witnesses';
  /** `open`: it could not be checked, which says nothing against the log. */
  readonly state: 'passed' | 'failed' | 'open';
  readonly text: string;
}

/** `partial`: nothing speaks against it, but something could not be checked. */
export type Outcome = 'verified' | 'partial' | 'failed';

/** What the checks together say. */
export function outcomeOf(checks: readonly Check[]): Outcome {
  if (checks.some(({ state }) => state === 'failed')) return 'failed';
  const needed = checks.filter(({ what }) => what !== 'witnesses');
  return needed.length > 0 && needed.every(({ state }) => state === 'passed') ? 'verified' : 'partial';
}

export function passed(what: Check['what'], text: string): Check {
  return { what, state: 'passed', text };
}

export function failed(what: Check['what'], text: string): Check {
  return { what, state: 'failed', text };
}

export function open(what: Check['what'], text: string): Check {
  return { what, state: 'open', text };
}

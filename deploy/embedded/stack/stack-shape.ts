/** Who takes part in an embedded stack, by kid. */
export interface StackShape {
  coordinators: string[];
  nodes: string[];
  /** How many nodes sign together. */
  threshold: number;
}

/** The kids that exist once in every embedded stack. */
export const SUBMITTER = 'submitter';
/** What the name of the audit log begins with: kept with the stack's data, whatever its ports are. */
export const LOG_ORIGIN = 'quorate.local/auditor';
export const AUDITOR = 'auditor';
export const OPERATOR = 'operator';
export const DEMO_REQUESTER = 'demo';

/** coordinator-1.. and node-1.. in order. */
export function stackShape(coordinators: number, nodes: number, threshold: number): StackShape {
  return { coordinators: numbered('coordinator', coordinators), nodes: numbered('node', nodes), threshold };
}

/** The kids of all services, which are also their names in stack.json. */
export function serviceKids({ coordinators, nodes }: StackShape): string[] {
  return [...coordinators, ...nodes, SUBMITTER, AUDITOR];
}

/** Whether a service of an embedded stack, be it of another shape, has this kid. */
export function isServiceKid(kid: string): boolean {
  return /^(coordinator|node)-\d+$/.test(kid) || kid === SUBMITTER || kid === AUDITOR;
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}

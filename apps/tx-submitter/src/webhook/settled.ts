import { type IntentStatus } from '@quorate/protocol';

/** Statuses that end a story for its client: what webhooks can report, and what ends notices of what is pending. */
export const settledStatuses = [
  'confirmed',
  'finalized',
  'reverted',
  'cancelled',
  'superseded',
  'rejected',
  'failed',
] as const satisfies readonly IntentStatus[];

export function isSettled(status: string): boolean {
  return settledStatuses.some((settled) => settled === status);
}

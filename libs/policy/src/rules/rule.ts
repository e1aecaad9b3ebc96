import { type ClientEntry } from '../file/requester-entry';
import { type PolicySubject } from '../subject';

/** Names of the rules of a policy file, as refusals carry them in `rule`. */
export const RULE_NAMES = [
  'key',
  'path',
  'raw-digest',
  'payload-kind',
  'working-hours',
  'approvals',
  'chain',
  'contract-creation',
  'destination',
  'function',
  'argument',
  'token-recipient',
  'token-amount',
  'token-window',
  'value',
  'value-window',
  'fee-per-gas',
  'gas-limit',
  'fee-total',
  'typed-data',
  'typed-data-field',
  'cancel',
  'cancel-type',
  'cancel-destination',
  'cancel-value',
  'cancel-data',
  'cancel-access-list',
  'cancel-fee',
  'cancel-gas-limit',
  'cancel-per-hour',
] as const;
export type RuleName = (typeof RULE_NAMES)[number];

/** What a rule says about a request, in words that a person understands. */
export interface Finding {
  readonly rule: RuleName;
  readonly allowed: boolean;
  readonly reason: string;
}

/** One rule of the policy; undefined where it does not apply. Pure and total. */
export type Rule = (entry: ClientEntry, subject: PolicySubject) => Finding | undefined;

export function finding(rule: RuleName, allowed: boolean, reason: string): Finding {
  return { rule, allowed, reason };
}

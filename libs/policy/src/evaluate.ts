import { type ClientEntry } from './file/requester-entry';
import { key, path, payloadKind, rawDigest } from './rules/access';
import { calledFunction, callArguments, tokenAmount, tokenRecipient } from './rules/call';
import { chain } from './rules/chain';
import { approvals, workingHours } from './rules/consent';
import { type Finding, type Rule, type RuleName } from './rules/rule';
import { contractCreation, destination, feePerGas, feeTotal, gasLimit, value } from './rules/transaction';
import { typedData, typedDataFields } from './rules/typed-data';
import { type PolicySubject } from './subject';
import { type Charge, chargesOf } from './windows';

/** `charges`: what the node has to count, and check against its windows, before it signs. */
export type PolicyDecision =
  | { readonly allowed: true; readonly charges: readonly Charge[] }
  | { readonly allowed: false; readonly rule: RuleName; readonly reason: string };

/** In the order in which they are asked: the first that is broken names the refusal. */
const RULES: readonly Rule[] = [
  key,
  path,
  rawDigest,
  payloadKind,
  chain,
  contractCreation,
  destination,
  calledFunction,
  callArguments,
  tokenRecipient,
  tokenAmount,
  value,
  feePerGas,
  gasLimit,
  feeTotal,
  typedData,
  typedDataFields,
  workingHours,
  approvals,
];

/** Decides by the requester's entry of the node's policy. Pure; the windows of `charges` are still to be checked. */
export function evaluatePolicy(entry: ClientEntry, subject: PolicySubject): PolicyDecision {
  for (const rule of RULES) {
    const found = rule(entry, subject);
    if (found?.allowed === false) return { allowed: false, rule: found.rule, reason: found.reason };
  }
  return { allowed: true, charges: chargesOf(entry, subject) };
}

/** What every rule that applies says, for people. */
export function explainPolicy(entry: ClientEntry, subject: PolicySubject): Finding[] {
  return RULES.flatMap((rule) => rule(entry, subject) ?? []);
}

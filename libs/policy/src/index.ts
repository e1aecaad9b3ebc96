/** What a node may sign: its operator's policy file, read strictly, and the decision on a request. Pure: no I/O, no clock. */
export * from './cancel';
export * from './evaluate';
export {
  describeProblems,
  parsePolicy,
  type ParsedPolicy,
  type PolicyProblem,
  readPolicy,
} from './file/parse-policy';
export { LONGEST_PERIOD_SECONDS } from './file/period';
export { type KnownRequester, type Policy, policyFile } from './file/policy-file';
export { type ClientEntry, type RequesterEntry, type SubmitterEntry } from './file/requester-entry';
export { describeCall } from './rules/call';
export { type Finding, type RuleName } from './rules/rule';
export * from './subject';
export { type Charge, chargesOf, checkWindow, type Window } from './windows';

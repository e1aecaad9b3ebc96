/** The SDK: ask for signatures and transactions over Kafka, take only answers that verify, read the audit story. */
export * from './audit-client';
export { type Answer } from './answer-inbox';
export { ControlClient, type ControlClientOptions } from './control/control-client';
export {
  type HaltEntry,
  type HaltOutcome,
  type KeyFacts,
  type NodeFacts,
  type RequestFacts,
} from './control/control-messages';
export {
  type CommandContent,
  type Operator,
  signCommand,
  type SignedCommand,
} from './control/signed-command';
export { deriveChildKey, type RootKey } from './child-key';
export { type Claim, type Judgement, judgeSession } from './evidence/judge-session';
export { type AwaitedStatus, whyOf } from './outcome-status';
export {
  type AmendmentOptions,
  type IntentOptions,
  type PreparedAmendment,
  type PreparedIntent,
  type PreparedRecord,
  type PreparedSignRequest,
  type SignRequestOptions,
} from './prepared-record';
export {
  type AwaitFinalOptions,
  type AwaitOptions,
  QuorateClient,
  type QuorateClientOptions,
  type TrustedKeys,
} from './quorate-client';
export { type FinalEvidence, type FinalExpectation, verifyFinal } from './verify-final';
export { clientOptions, readStackFile, type StackFile } from './stack-file';

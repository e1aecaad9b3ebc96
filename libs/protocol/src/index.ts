/** The public contract of the pipeline as code: topics, record schemas, signatures, limits, events, gRPC definitions. */
export { asyncApiDocument } from './asyncapi/document';
export * from './events';
export * from './expiry';
export * from './hex';
export * from './identifiers';
export { isJsonObject, type JsonObject, readStrictJson, type StrictJson } from './json/strict-json';
export { claimedKid, type JwsError, signDetached, verifyDetached } from './jws';
export * from './key-lookup';
export * from './limits';
export { type OperatorCommandReading, readOperatorCommand } from './operator-command';
export * from './payload-of-scheme';
export * from './proto-path';
export { approvalsIn, verifyApprovals } from './record/approvals';
export * from './record/client-record';
export * from './record/dead-letter';
export { DeadLetters } from './record/dead-letters';
export * from './record/embedded-intent';
export {
  type ClientRecord,
  encodeClientRecord,
  encodeRecord,
  type RecordSigner,
  recordSigner,
  type ServiceRecord,
  signedAgain,
} from './record/encode-record';
export * from './record/record-types';
export { schemaIssues } from './record/schema-issues';
export * from './record/service-record';
export {
  type RefusalCode,
  type RefusedRecord,
  type VerifiedRecord,
  type VerifyOptions,
  verifyRecord,
} from './record/verify-record';
export * from './request-hash';
export * from './schemas/index';
export * from './topics';

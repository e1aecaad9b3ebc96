export * from './config/fragments';
export * from './config/kafka-connection';
export * from './config/load-config';
export * from './errors/errors';
export { systemErrorCode } from './errors/system-error';
export * from './health/health-registry';
export { type HttpRole } from './http/access/http-tokens';
export { Call, type CallRecord } from './http/access/read-log';
export * from './http/api-reference/api-description';
export * from './http/http-api.module';
export * from './http/platform-http.module';
export * from './http/problem';
export * from './identity/identity-key';
export {
  FORMER_KEY_IN_USE,
  type FormerKey,
  formerKey,
  formerKeys,
  formerKeysAreGone,
  IdentityKeys,
  type LogPlace,
  type VerificationKeys,
} from './identity/identity-keys';
export * from './identity/peer-directory';
export * from './identity/public-key';
export * from './identity/requester-directory';
export * from './identity/watched-file';
export * from './logging/logger';
export * from './logging/nest-logger';
export { setBounded } from './metrics/bounded-map';
export * from './metrics/metrics';
export { isProcessAlive, withProcessLock } from './process-lock/process-lock';
export { TokenBuckets } from './rate/token-buckets';
export * from './secret/secret';
export * from './service/run-service';
export * from './shutdown/exit-with-parent';
export * from './shutdown/process-shutdown';
export { callerSpan, childSpan, entrySpan, type TraceSpan } from './tracing/spans';
export { Turns } from './turns/turns';

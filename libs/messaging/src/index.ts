export { backOff, pauseFor } from './back-off';
export {
  type AclBinding,
  type AclChanges,
  type AclDeclaration,
  type AclOperation,
  type AclPattern,
  type AclResource,
  aclText,
} from './kafka/acl';
export { aclBindings, ensureAcls } from './kafka/acl-admin';
export {
  type ClientQuota,
  type QuotaChange,
  type QuotaDeclaration,
  type QuotaEntity,
  quotaEntityText,
} from './kafka/client-quota';
export { kafkaMessageLog, type KafkaMessageLogOptions } from './kafka/kafka-message-log';
export { assertKafkajsPatched } from './kafka/kafkajs-patch';
export { clientQuotas, ensureClientQuotas } from './kafka/quota-admin';
export { type ScramUser, scramUsers, setScramUsers } from './kafka/scram-admin';
export { memoryMessageLog } from './memory/memory-message-log';
export * from './message-log.port';
export { meteredLog } from './metrics/metered-log';
export { silentLogger, type StructuredLogger } from './structured-logger';

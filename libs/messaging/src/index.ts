export { backOff, pauseFor } from './back-off';
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
export { memoryMessageLog } from './memory/memory-message-log';
export * from './message-log.port';
export { meteredLog } from './metrics/metered-log';
export { silentLogger, type StructuredLogger } from './structured-logger';

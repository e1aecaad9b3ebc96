export { backOff, pauseFor } from './back-off';
export { kafkaMessageLog, type KafkaMessageLogOptions } from './kafka/kafka-message-log';
export { assertKafkajsPatched } from './kafka/kafkajs-patch';
export { memoryMessageLog } from './memory/memory-message-log';
export * from './message-log.port';
export { silentLogger, type StructuredLogger } from './structured-logger';

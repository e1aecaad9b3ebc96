export * from './message-log.port';
export * from './structured-logger';
export { kafkaMessageLog, type KafkaMessageLogOptions } from './kafka/kafka-message-log';
export { assertKafkajsPatched } from './kafka/kafkajs-patch';
export { memoryMessageLog } from './memory/memory-message-log';

import { ensureClientQuotas, kafkaMessageLog, quotaEntityText } from '@quorate/messaging';
import { type KafkaConnection } from '@quorate/platform';
import { quotaDeclaration } from '../../kafka/quotas';
import { type Deployment, topicSpecs } from '../../kafka/topics';
import { AUDITOR, isServiceKid, OPERATOR, type StackShape, SUBMITTER } from '../stack/stack-shape';
import { type Progress } from '../terminal/progress';

const CLIENT_ID = 'quorate-embedded';

/**
 * Creates the topics that are missing. On the embedded broker sets the quotas as well; the quotas of a user's own Kafka are
 * the user's business, as others may work there.
 */
export async function prepareKafka(
  kafka: KafkaConnection,
  stack: { shape: StackShape; topicPrefix: string; localBroker: boolean },
  progress: Progress,
): Promise<void> {
  const deployment: Deployment = {
    brokers: kafka.brokers.length >= 3 ? 3 : 1,
    prefix: stack.topicPrefix,
    nodes: stack.shape.nodes,
    coordinators: stack.shape.coordinators,
    submitter: SUBMITTER,
    auditor: AUDITOR,
    operators: [OPERATOR],
  };
  await createTopics(kafka, deployment, progress);
  if (!stack.localBroker) return;
  // The embedded broker asks nobody for a login.
  const declaration = quotaDeclaration(deployment, 'client-id', isServiceKid);
  for (const { entity, remove } of await ensureClientQuotas({ ...kafka, clientId: CLIENT_ID }, declaration)) {
    if (remove.length > 0) progress.note(`quota ${quotaEntityText(entity)}: ${remove.join(', ')} removed`);
  }
}

async function createTopics(
  kafka: KafkaConnection,
  deployment: Deployment,
  progress: Progress,
): Promise<void> {
  const log = kafkaMessageLog({ ...kafka, clientId: CLIENT_ID });
  try {
    for (const { topic, setting, expected, actual } of await log.ensureTopics(topicSpecs(deployment))) {
      progress.note(`topic ${topic}: ${setting} is ${actual || 'not set'}, expected ${expected}`);
    }
  } finally {
    await log.close();
  }
}

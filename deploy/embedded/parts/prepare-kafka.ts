import { type KafkaLogins } from '../../kafka/logins';
import {
  type ClusterAdmin,
  prepareAcls,
  prepareLogins,
  prepareQuotas,
  prepareTopics,
} from '../../kafka/prepare-cluster';
import { type Deployment } from '../../kafka/topics';
import { AUDITOR, isServiceKid, OPERATOR, type StackShape, SUBMITTER } from '../stack/stack-shape';
import { type Progress } from '../terminal/progress';
import { type KafkaAccess } from './kafka-security';

const CLIENT_ID = 'quorate-embedded';

/** What a stack's Kafka is prepared for. */
export interface KafkaPreparation {
  shape: StackShape;
  topicPrefix: string;
  /** Whether it is the embedded broker. */
  localBroker: boolean;
  /** Who may connect, where the embedded broker asks for that, and where. */
  logins?: KafkaLogins & { clients: string[]; listener: KafkaAccess };
}

/**
 * Creates the topics that are missing. On the embedded broker sets users, access rules and quotas as well; those of a user's
 * own Kafka are the user's business (docs/own-kafka.md), as others may work there.
 */
export async function prepareKafka(
  kafka: Omit<ClusterAdmin, 'clientId'>,
  { shape, topicPrefix, localBroker, logins }: KafkaPreparation,
  progress: Progress,
): Promise<void> {
  const deployment: Deployment = {
    brokers: kafka.brokers.length >= 3 ? 3 : 1,
    prefix: topicPrefix,
    nodes: shape.nodes,
    coordinators: shape.coordinators,
    submitters: [SUBMITTER],
    auditors: [AUDITOR],
    operators: [OPERATOR],
    clients: logins?.clients ?? [],
  };
  const admin: ClusterAdmin = { ...kafka, clientId: CLIENT_ID };
  const note = (text: string) => progress.note(text);
  await prepareTopics(admin, deployment, note);
  if (logins !== undefined) {
    const { present, former, listener } = logins;
    const passwords = new Map([...present].map(([kid, { password }]) => [kid, password]));
    await prepareLogins(admin, deployment, { passwords, former, listener });
    await prepareAcls(admin, deployment, (kid) => former.includes(kid) || isServiceKid(kid), note);
  }
  if (localBroker) {
    await prepareQuotas(admin, deployment, logins === undefined ? 'client-id' : 'user', isServiceKid, note);
  }
}

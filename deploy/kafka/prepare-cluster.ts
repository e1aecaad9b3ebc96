import { kafkaUser } from '@quorate/deployment';
import {
  aclText,
  ensureAcls,
  ensureClientQuotas,
  kafkaMessageLog,
  type KafkaMessageLogOptions,
  quotaEntityText,
  type ScramUser,
  setScramUsers,
} from '@quorate/messaging';
import { aclDeclaration } from './acls';
import { type PartyName, quotaDeclaration } from './quotas';
import { type Deployment, topicSpecs } from './topics';

/** A connection that may create topics and, for users and access rules, alter the cluster. */
export type ClusterAdmin = KafkaMessageLogOptions;

/** Receives what the person who prepares the cluster should know. */
export type Note = (text: string) => void;

/** Who logs in to a cluster that does what access rules say. */
export interface Logins {
  /** By kid. */
  readonly passwords: ReadonlyMap<string, string>;
  /** Kids that have left: their logins and rights are removed. */
  readonly former: readonly string[];
  /** Where users log in. */
  readonly listener: Pick<KafkaMessageLogOptions, 'brokers' | 'ssl'>;
}

/** Creates the topics that are missing; notes where settings of others differ, and changes none of them. */
export async function prepareTopics(admin: ClusterAdmin, deployment: Deployment, note: Note): Promise<void> {
  const log = kafkaMessageLog(admin);
  try {
    for (const { topic, setting, expected, actual } of await log.ensureTopics(topicSpecs(deployment))) {
      note(`topic ${topic}: ${setting} is ${actual || 'not set'}, expected ${expected}`);
    }
  } finally {
    await log.close();
  }
}

/** Gives everybody with a password a login, and takes it from those who have left. */
export async function prepareLogins(
  admin: ClusterAdmin,
  { prefix }: Deployment,
  { passwords, former, listener }: Logins,
): Promise<void> {
  const users: ScramUser[] = [...passwords].map(([kid, password]) => ({
    name: kafkaUser(kid, prefix),
    password,
  }));
  const removed = former.map((kid) => kafkaUser(kid, prefix));
  await setScramUsers(admin, users, removed, listener);
}

/**
 * Sets the access rules, and removes those of parties that are gone or may do less than before.
 * @param isFormer whether somebody of this kid is, or was, of this deployment
 */
export async function prepareAcls(
  admin: ClusterAdmin,
  deployment: Deployment,
  isFormer: (kid: string) => boolean,
  note: Note,
): Promise<void> {
  const { removed } = await ensureAcls(admin, aclDeclaration(deployment, deployment.prefix, isFormer));
  for (const binding of removed) note(`removed: ${aclText(binding)}`);
}

/** Sets the quotas. @param isService whether a service of this name is, or was, of this deployment */
export async function prepareQuotas(
  admin: ClusterAdmin,
  deployment: Deployment,
  by: PartyName,
  isService: (kid: string) => boolean,
  note: Note,
): Promise<void> {
  const declaration = quotaDeclaration(deployment, by, isService);
  for (const { entity, remove } of await ensureClientQuotas(admin, declaration)) {
    if (remove.length > 0) note(`quota ${quotaEntityText(entity)}: ${remove.join(', ')} removed`);
  }
}

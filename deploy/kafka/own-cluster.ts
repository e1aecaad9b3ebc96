import { type KafkaConnection, readJsonFile } from '@quorate/platform';
import { deploymentFile } from './deployment-file';
import { forgetLogins, keptLogins } from './logins';
import {
  type ClusterAdmin,
  type Note,
  prepareAcls,
  prepareLogins,
  prepareQuotas,
  prepareTopics,
} from './prepare-cluster';

export interface OwnClusterOptions {
  /** The folder of the passwords; without it users are not ours to create. */
  passwords?: string | undefined;
  quotas: boolean;
}

/**
 * Prepares a cluster that others may use as well for the deployment of a file: topics, access rules and, where asked for,
 * users and quotas. May be repeated, and goes on where it was interrupted.
 * @param connection of somebody who may create topics and alter the cluster
 * @throws Invalid for what is wrong in the file, Unavailable or Fatal for what Kafka says
 */
export async function prepareOwnCluster(
  file: string,
  connection: KafkaConnection,
  { passwords: folder, quotas }: OwnClusterOptions,
  note: Note,
): Promise<void> {
  const { former, ...deployment } = readJsonFile(file, deploymentFile);
  const admin: ClusterAdmin = { ...connection, clientId: 'quorate-prepare' };
  const { nodes, coordinators, submitters, auditors, operators, clients, prefix } = deployment;
  const services = [...nodes, ...coordinators, ...submitters, ...auditors];

  await prepareTopics(admin, deployment, note);
  note('topics: ready');
  if (folder !== undefined) {
    const { present } = keptLogins(folder, [...services, ...operators, ...clients], prefix);
    const passwords = new Map([...present].map(([kid, { password }]) => [kid, password]));
    const { brokers, ssl } = connection;
    await prepareLogins(admin, deployment, { passwords, former, listener: { brokers, ssl } });
    forgetLogins(folder, former);
    note(`users: ${passwords.size}, with their passwords in ${folder}`);
  }
  await prepareAcls(admin, deployment, (kid) => former.includes(kid), note);
  note('access rules: set');
  if (!quotas) return;
  const isService = (kid: string) => services.includes(kid) || former.includes(kid);
  await prepareQuotas(admin, deployment, 'user', isService, note);
  note('quotas: set');
}

import { type DeploymentFile, deploymentFile } from '@quorate/deployment';
import { type KafkaConnection, readJsonFile } from '@quorate/platform';
import { forgetLogins, keptLogins } from './logins';
import {
  type ClusterAdmin,
  type Logins,
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
  const deployment = readJsonFile(file, deploymentFile);
  const { former, operators, clients, prefix } = deployment;
  const admin: ClusterAdmin = { ...connection, clientId: 'quorate-prepare' };
  const { brokers, ssl } = connection;
  const kids = [...servicesOf(deployment), ...operators, ...clients];
  const logins = folder === undefined ? undefined : keptLogins(folder, kids, prefix);
  const passwords = new Map([...(logins?.present ?? [])].map(([kid, { password }]) => [kid, password]));
  await prepareCluster(
    admin,
    deployment,
    { logins: logins && { passwords, former, listener: { brokers, ssl } }, quotas },
    note,
  );
  if (folder !== undefined) {
    forgetLogins(folder, former);
    note(`passwords: ${folder}`);
  }
}

/** Topics, users where `logins` has them, access rules and, where asked for, quotas. */
export async function prepareCluster(
  admin: ClusterAdmin,
  deployment: DeploymentFile,
  { logins, quotas }: { logins: Logins | undefined; quotas: boolean },
  note: Note,
): Promise<void> {
  const { former } = deployment;
  await prepareTopics(admin, deployment, note);
  note('topics: ready');
  if (logins !== undefined) {
    await prepareLogins(admin, deployment, logins);
    note(`users: ${logins.passwords.size}`);
  }
  await prepareAcls(admin, deployment, (kid) => former.includes(kid), note);
  note('access rules: set');
  if (!quotas) return;
  const services = servicesOf(deployment);
  const isService = (kid: string) => services.includes(kid) || former.includes(kid);
  await prepareQuotas(admin, deployment, 'user', isService, note);
  note('quotas: set');
}

function servicesOf({ nodes, coordinators, submitters, auditors }: DeploymentFile): string[] {
  return [...nodes, ...coordinators, ...submitters, ...auditors];
}

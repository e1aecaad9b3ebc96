import { type Owner } from '../files/whole-file';
import { keptFile } from '../files/whole-file';
import { type DeploymentLayout } from './layout';

/** The ports on 127.0.0.1 under which this machine reaches a deployment that containers run. */
export interface DeploymentPorts {
  kafka: number;
  chain: number;
  grpc: number;
  coordinator: number;
  submitter: number;
  auditor: number;
  /** In the order of the nodes. */
  nodes: number[];
}

export interface ComposeSettings {
  ports: DeploymentPorts;
  /** Whom the containers run as. */
  user: Owner;
  /** Variables of docker-compose.yml that are not as it says itself. */
  variables: Readonly<Record<string, string>>;
}

/** For `docker compose --env-file`: where the folder is, and who may read it. No secrets. */
export function keptComposeEnvironment(
  { root, composeEnvironment }: DeploymentLayout,
  { user, variables }: ComposeSettings,
): void {
  const all = {
    ...{ QUORATE_DEPLOYMENT: root, QUORATE_UID: String(user.uid), QUORATE_GID: String(user.gid) },
    ...variables,
  };
  keptFile(composeEnvironment, () =>
    Object.entries(all)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
}

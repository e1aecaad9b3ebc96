import { join } from 'node:path';
import { type CertificateFiles } from '../authority/authority';

/** What the own folder of a service holds; which of them, depends on the service. */
export interface ServiceFiles extends CertificateFiles {
  folder: string;
  identity: string;
  kafkaPassword: string;
  database: string;
  databaseMigration: string;
  /** Of a node. */
  sealKey: string;
  /** Of a node. */
  policy: string;
  /** Of a submitter or an auditor. */
  httpTokens: string;
}

/** Where things are in the folder of a deployment (docs/deployment.md): absolute paths when `root` is one. */
export interface DeploymentLayout {
  root: string;
  /** Who takes part. */
  description: string;
  authority: CertificateFiles & { folder: string };
  common: { folder: string; ca: string; peers: string; requesters: string };
  service: (kid: string) => ServiceFiles;
  /** What all services' folders are in. */
  services: string;
  operator: CertificateFiles & {
    folder: string;
    identity: string;
    kafkaPassword: string;
    auditToken: string;
    witnessToken: string;
    submitterToken: string;
  };
  clients: string;
  client: (kid: string) => { folder: string; identity: string; kafkaPassword: string };
  kafka: { folder: string; ca: string; keystore: string; admin: CertificateFiles };
  postgres: { folder: string; password: string; verifier: string; url: string };
  /** What the command line works with. */
  stack: string;
  composeEnvironment: string;
}

export function deploymentLayout(root: string): DeploymentLayout {
  const at = (...names: string[]) => join(root, ...names);
  return {
    root,
    description: at('deployment.json'),
    authority: {
      folder: at('authority'),
      certFile: at('authority', 'ca.pem'),
      keyFile: at('authority', 'ca.key.pem'),
    },
    common: {
      folder: at('common'),
      ca: at('common', 'ca.pem'),
      peers: at('common', 'peers.json'),
      requesters: at('common', 'requesters.json'),
    },
    services: at('services'),
    service: (kid) => serviceFiles(at('services', kid)),
    operator: {
      ...partyFiles(at('operator')),
      ...tlsFiles(at('operator')),
      auditToken: at('operator', 'audit.token'),
      witnessToken: at('operator', 'witness.token'),
      submitterToken: at('operator', 'submitter.token'),
    },
    clients: at('clients'),
    client: (kid) => partyFiles(at('clients', kid)),
    kafka: {
      folder: at('kafka'),
      ca: at('kafka', 'ca.pem'),
      keystore: at('kafka', 'keystore.pem'),
      admin: { certFile: at('kafka', 'admin.pem'), keyFile: at('kafka', 'admin.key.pem') },
    },
    postgres: {
      folder: at('postgres'),
      password: at('postgres', 'superuser.password'),
      verifier: at('postgres', 'superuser.verifier'),
      url: at('postgres', 'superuser.url'),
    },
    stack: at('stack.json'),
    composeEnvironment: at('compose.env'),
  };
}

function serviceFiles(folder: string): ServiceFiles {
  return {
    ...partyFiles(folder),
    ...tlsFiles(folder),
    database: join(folder, 'database.url'),
    databaseMigration: join(folder, 'database-migration.url'),
    sealKey: join(folder, 'seal-key.hex'),
    policy: join(folder, 'policy.json'),
    httpTokens: join(folder, 'http-tokens.json'),
  };
}

function partyFiles(folder: string) {
  return { folder, identity: join(folder, 'identity.pem'), kafkaPassword: join(folder, 'kafka.password') };
}

function tlsFiles(folder: string): CertificateFiles {
  return { certFile: join(folder, 'tls.pem'), keyFile: join(folder, 'tls.key.pem') };
}

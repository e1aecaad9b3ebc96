/** What a deployment is made of: identities, certificates, tokens, passwords, policies, and the folder that holds them. */
export {
  Authority,
  type CertificateFiles,
  type CertificateSubject,
  type TlsFiles,
} from './authority/authority';
export {
  type FileAccess,
  keptFile,
  keptFolder,
  type Owner,
  prettyJson,
  writeWhole,
} from './files/whole-file';
export { type ComposeSettings, type DeploymentPorts } from './folder/compose-environment';
export { newPassword } from './folder/database-urls';
export { keptKafkaPassword } from './folder/kafka-files';
export { type DeploymentLayout, deploymentLayout, type ServiceFiles } from './folder/layout';
export { type MadeDeployment, makeDeployment, type MakeOptions } from './folder/make-deployment';
export { type WantedDeployment } from './folder/wanted';
export { keepTokensFile, keptToken, TOKEN_HOLDERS, type TokenHolder } from './identities/http-tokens';
export {
  type Identity,
  keptIdentity,
  keptSealKey,
  operatorEntry,
  peerEntry,
  type PublicIdentity,
  requesterEntry,
} from './identities/identity';
export { type PolicyParties, policyTemplate } from './identities/policy-template';
export { assertApart, type Group, groupPrefix, groupsOf } from './parties/consumer-groups';
export { databaseName, ownerRole, serviceDatabases } from './parties/databases';
export { type DeploymentFile, deploymentFile } from './parties/deployment-file';
export { AUDITOR, BROKER, BROKER_ADMIN, OPERATOR, SUBMITTER, WITNESS } from './parties/kids';
export { kafkaUser, type Principals, type Role, ROLES } from './parties/principals';

import { Unavailable } from '@quorate/platform';
import {
  type AclEntry,
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  type Admin,
  ResourcePatternTypes,
} from 'kafkajs';
import { pauseFor } from '../back-off';
import { silentLogger } from '../structured-logger';
import {
  type AclBinding,
  type AclChanges,
  aclChanges,
  type AclDeclaration,
  type AclOperation,
  type AclPattern,
  type AclResource,
  aclText,
} from './acl';
import { connectKafka } from './kafka-connection';
import { fromKafkaError } from './kafka-errors';
import { type KafkaMessageLogOptions } from './kafka-message-log';

const RESOURCES: Readonly<Record<AclResource, AclResourceTypes>> = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  cluster: AclResourceTypes.CLUSTER,
  'transactional-id': AclResourceTypes.TRANSACTIONAL_ID,
  token: AclResourceTypes.DELEGATION_TOKEN,
};
const PATTERNS: Readonly<Record<AclPattern, ResourcePatternTypes>> = {
  literal: ResourcePatternTypes.LITERAL,
  prefixed: ResourcePatternTypes.PREFIXED,
};
const OPERATIONS: Readonly<Record<AclOperation, AclOperationTypes>> = {
  all: AclOperationTypes.ALL,
  read: AclOperationTypes.READ,
  write: AclOperationTypes.WRITE,
  create: AclOperationTypes.CREATE,
  delete: AclOperationTypes.DELETE,
  alter: AclOperationTypes.ALTER,
  describe: AclOperationTypes.DESCRIBE,
  'cluster-action': AclOperationTypes.CLUSTER_ACTION,
  'describe-configs': AclOperationTypes.DESCRIBE_CONFIGS,
  'alter-configs': AclOperationTypes.ALTER_CONFIGS,
  'idempotent-write': AclOperationTypes.IDEMPOTENT_WRITE,
};
const ANY_HOST = '*';
/** How long the broker may take to follow its controller. */
const APPLIED_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 50;

/**
 * Creates the declared bindings and removes ours that are no longer declared; resolves with what it changed, as soon as the
 * broker that was asked goes by it. May be called any number of times. The caller must be allowed to alter the cluster.
 * Throws Unavailable when Kafka cannot be reached, Fatal when it refuses or has no authorizer.
 */
export function ensureAcls(
  options: KafkaMessageLogOptions,
  declaration: AclDeclaration,
): Promise<AclChanges> {
  return withAdmin(options, async (admin) => {
    const changes = aclChanges(declaration, await allowed(admin));
    const { created, removed } = changes;
    if (created.length > 0) await admin.createAcls({ acl: created.map(entryOf) });
    if (removed.length > 0) await admin.deleteAcls({ filters: removed.map(entryOf) });
    await untilApplied(admin, declaration);
    return changes;
  });
}

/** Everything that the cluster's bindings allow anybody, on any host. Throws as `ensureAcls` does. */
export function aclBindings(options: KafkaMessageLogOptions): Promise<AclBinding[]> {
  return withAdmin(options, allowed);
}

async function untilApplied(admin: Admin, declaration: AclDeclaration): Promise<void> {
  const deadline = performance.now() + APPLIED_WITHIN_MS;
  for (;;) {
    const { created, removed } = aclChanges(declaration, await allowed(admin));
    const [first] = [...created, ...removed];
    if (first === undefined) return;
    if (performance.now() > deadline) {
      throw new Unavailable('kafka', `the broker does not go by its new access rules: ${aclText(first)}`);
    }
    await pauseFor(LOOK_AGAIN_MS);
  }
}

async function withAdmin<T>(options: KafkaMessageLogOptions, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = connectKafka(options, options.logger ?? silentLogger).admin();
  try {
    await admin.connect();
    return await work(admin);
  } catch (error) {
    throw fromKafkaError(error, 'to manage access rules');
  } finally {
    await admin.disconnect();
  }
}

async function allowed(admin: Admin): Promise<AclBinding[]> {
  const { resources } = await admin.describeAcls({
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    permissionType: AclPermissionTypes.ALLOW,
    operation: AclOperationTypes.ANY,
    host: ANY_HOST,
  });
  return resources.flatMap(({ resourceType, resourceName: name, resourcePatternType, acls }) =>
    acls.flatMap(({ principal, operation: code }) => {
      const resource = named(RESOURCES, resourceType);
      const pattern = named(PATTERNS, resourcePatternType);
      const operation = named(OPERATIONS, code);
      if (resource === undefined || pattern === undefined || operation === undefined) return [];
      return [{ principal, resource, name, pattern, operation }];
    }),
  );
}

function entryOf({ principal, resource, name, pattern, operation }: AclBinding): AclEntry {
  return {
    principal,
    host: ANY_HOST,
    operation: OPERATIONS[operation],
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: RESOURCES[resource],
    resourceName: name,
    resourcePatternType: PATTERNS[pattern],
  };
}

/** The name with this code; undefined for what newer brokers may know. */
function named<N extends string>(codes: Readonly<Record<N, number>>, code: number): N | undefined {
  for (const name in codes) if (codes[name] === code) return name;
  return undefined;
}

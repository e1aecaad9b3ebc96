/** One thing that Kafka lets one principal do, in the words of Kafka's own tools. Hosts are never told apart. */
export interface AclBinding {
  /** With its type, as `User:node-1`. */
  readonly principal: string;
  readonly resource: AclResource;
  /** A name, or what the names begin with. */
  readonly name: string;
  readonly pattern: AclPattern;
  readonly operation: AclOperation;
}
export type AclResource = 'topic' | 'group' | 'transactional-id' | 'cluster' | 'token';
export type AclPattern = 'literal' | 'prefixed';
export type AclOperation =
  | 'all'
  | 'read'
  | 'write'
  | 'create'
  | 'delete'
  | 'alter'
  | 'describe'
  | 'cluster-action'
  | 'describe-configs'
  | 'alter-configs'
  | 'idempotent-write';

/** The bindings as they are to be. */
export interface AclDeclaration {
  readonly bindings: readonly AclBinding[];
  /** Whether a binding comes from earlier declarations: undeclared ones are removed, others' stay. */
  readonly isOurs: (binding: AclBinding) => boolean;
}

export interface AclChanges {
  readonly created: readonly AclBinding[];
  readonly removed: readonly AclBinding[];
}

/** What has to change so that what is declared holds. */
export function aclChanges({ bindings, isOurs }: AclDeclaration, present: readonly AclBinding[]): AclChanges {
  const declared = new Set(bindings.map(aclText));
  const found = new Set(present.map(aclText));
  return {
    created: bindings.filter((binding) => !found.has(aclText(binding))),
    removed: present.filter((binding) => !declared.has(aclText(binding)) && isOurs(binding)),
  };
}

/** A binding for people, e.g. `User:node-1 may read topic mpc.rounds.node-1`. The same for the same binding only. */
export function aclText({ principal, operation, resource, name, pattern }: AclBinding): string {
  return `${principal} may ${operation} ${resource} ${name}${pattern === 'prefixed' ? '*' : ''}`;
}

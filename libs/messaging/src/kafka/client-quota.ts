/** Names by type (`user`, `client-id`, `ip`); null stands for everybody who has no quota of their own. */
export type QuotaEntity = Readonly<Record<string, string | null>>;

/** What each broker lets one entity do. A client above a limit is made to wait, never refused. */
export interface ClientQuota {
  readonly entity: QuotaEntity;
  /**
   * By Kafka's names: `producer_byte_rate` and `consumer_byte_rate` in bytes a second, `request_percentage` in
   * hundredths of one of the broker's threads.
   */
  readonly limits: Readonly<Record<string, number>>;
}

/** What is to change about the limits of one entity. */
export interface QuotaChange {
  readonly entity: QuotaEntity;
  readonly set: Readonly<Record<string, number>>;
  readonly remove: readonly string[];
}

/** The quotas as they are to be. */
export interface QuotaDeclaration {
  readonly quotas: readonly ClientQuota[];
  /** Whether quotas of this entity come from earlier declarations: undeclared ones are removed, others' stay. */
  readonly isOurs: (entity: QuotaEntity) => boolean;
}

/**
 * What has to change so that what is declared holds; empty when it does. An entity that is declared keeps no other
 * limits.
 */
export function quotaChanges(
  { quotas, isOurs }: QuotaDeclaration,
  present: readonly ClientQuota[],
): QuotaChange[] {
  const declared = new Set(quotas.map(({ entity }) => identityOf(entity)));
  const found = new Map(present.map(({ entity, limits }) => [identityOf(entity), limits]));
  const outdated = present.filter(({ entity }) => !declared.has(identityOf(entity)) && isOurs(entity));
  return [...quotas, ...outdated.map(({ entity }) => ({ entity, limits: {} }))]
    .map(({ entity, limits }) => limitChanges(entity, limits, found.get(identityOf(entity)) ?? {}))
    .filter(({ set, remove }) => Object.keys(set).length > 0 || remove.length > 0);
}

function limitChanges(
  entity: QuotaEntity,
  declared: ClientQuota['limits'],
  present: ClientQuota['limits'],
): QuotaChange {
  return {
    entity,
    set: Object.fromEntries(Object.entries(declared).filter(([key, value]) => present[key] !== value)),
    remove: Object.keys(present).filter((key) => declared[key] === undefined),
  };
}

/** An entity for people, e.g. `client-id=node-1` or `client-id=<default>, user=alice`. */
export function quotaEntityText(entity: QuotaEntity): string {
  return Object.entries(entity)
    .map(([type, name]) => `${type}=${name ?? '<default>'}`)
    .join(', ');
}

/** The same for the same entity, whatever the order of its names. */
function identityOf(entity: QuotaEntity): string {
  return JSON.stringify(Object.entries(entity).sort());
}

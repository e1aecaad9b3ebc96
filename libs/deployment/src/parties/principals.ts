/** Who takes part in a deployment: each by its kid, which is the name of its Kafka user as well, after the prefix. */
export interface Principals {
  nodes: string[];
  coordinators: string[];
  submitters: string[];
  auditors: string[];
  operators: string[];
  clients: string[];
}

export type Role = keyof Principals;

export const ROLES = [
  'nodes',
  'coordinators',
  'submitters',
  'auditors',
  'operators',
  'clients',
] as const satisfies Role[];

/** The name that a party logs in to Kafka with. @param prefix TOPIC_PREFIX, may be empty */
export function kafkaUser(kid: string, prefix: string): string {
  return `${prefix}${kid}`;
}

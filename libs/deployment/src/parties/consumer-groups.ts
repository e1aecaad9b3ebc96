import { type Principals, type Role, ROLES } from './principals';

/** A consumer group, or all that begin so. */
export interface Group {
  name: string;
  pattern: 'literal' | 'prefixed';
}

/** The consumer groups that all services of a role share; each party has groups of its own as well. */
const SHARED_GROUPS: Record<Role, Group[]> = {
  nodes: [],
  coordinators: [
    { name: 'coordinator', pattern: 'literal' },
    { name: 'coordinator-partials', pattern: 'literal' },
  ],
  submitters: [
    { name: 'submitter', pattern: 'literal' },
    { name: 'submitter-finals', pattern: 'literal' },
  ],
  auditors: [
    { name: 'auditor', pattern: 'literal' },
    // Those of one rebuild, or of one life.
    { name: 'auditor-', pattern: 'prefixed' },
  ],
  operators: [],
  clients: [],
};

/**
 * What the names of a party's own consumer groups begin with: no service's can begin another's, as a kid has no slash.
 * Those of clients and operators do not share that, as `demo-` is easier to come by than `demo/`.
 */
export function groupPrefix(role: Role, kid: string, prefix: string): string {
  return `${prefix}${kid}${role === 'clients' || role === 'operators' ? '-' : '/'}`;
}

/** The consumer groups that a party may use. @param prefix TOPIC_PREFIX, may be empty */
export function groupsOf(role: Role, kid: string, { clients }: Principals, prefix: string): Group[] {
  const own = { name: groupPrefix(role, kid, prefix), pattern: 'prefixed' as const };
  const shared = SHARED_GROUPS[role].map(({ name, pattern }) => ({ name: `${prefix}${name}`, pattern }));
  // Operators look after the groups of clients: how far behind they are, and that nobody is stuck.
  const lookedAfter =
    role !== 'operators' ? [] : clients.map((client) => groupPrefix('clients', client, prefix));
  return [own, ...shared, ...lookedAfter.map((name) => ({ name, pattern: 'prefixed' as const }))];
}

/** @throws RangeError when two parties have one name, or a party's groups would be another's as well */
export function assertApart(principals: Principals, prefix: string): void {
  const all = ROLES.flatMap((role) =>
    principals[role].map((kid) => ({ kid, own: groupPrefix(role, kid, prefix), role })),
  );
  for (const [index, one] of all.entries()) {
    const shared = ROLES.flatMap((role) => (role === one.role ? [] : SHARED_GROUPS[role]));
    const overlaps = ({ name, pattern }: Group): boolean => {
      const group = `${prefix}${name}`;
      return group.startsWith(one.own) || (pattern === 'prefixed' && one.own.startsWith(group));
    };
    const clash =
      all.slice(index + 1).find((other) => other.kid === one.kid)?.kid ??
      all.find((other) => other !== one && other.own.startsWith(one.own))?.kid ??
      shared.find(overlaps)?.name;
    if (clash !== undefined) {
      throw new RangeError(
        `Kafka's access rules cannot tell ${one.kid} from ${clash}: consumer groups of one may not begin as those of the other`,
      );
    }
  }
}

import { assertApart, groupsOf, kafkaUser, type Principals, type Role, ROLES } from '@quorate/deployment';
import { type AclBinding, type AclDeclaration, type AclOperation } from '@quorate/messaging';
import { type TopicKind, type TopicNames, topicNames } from '@quorate/protocol';

/** The topics that there is one of for each node, or for each writer. */
type OwnedKind = Extract<TopicKind, 'rounds' | 'state'>;

/** Which topics: all of the kind, or of those that belong to parties only one's own, or only the others'. */
type Topics = { topic: TopicKind; whose?: undefined } | { topic: OwnedKind; whose: 'own' | 'others' };
type Rule = Topics & { may: AclOperation[] };

/**
 * What each role may do with topics; what is not here is refused. Kafka's "read" and "write" include "describe". Nobody may
 * create, delete or alter topics, use transactional ids, or give rights to others.
 */
const TOPIC_RULES: Record<Role, Rule[]> = {
  nodes: [
    { topic: 'rounds', whose: 'own', may: ['read'] },
    { topic: 'rounds', whose: 'others', may: ['write'] },
    { topic: 'partials', may: ['write'] },
    // Its own last one, at its start: does its database have all that it has spent?
    { topic: 'heartbeats', may: ['read', 'write'] },
    { topic: 'state', may: ['read'] },
    { topic: 'state', whose: 'own', may: ['write'] },
    { topic: 'events', may: ['write'] },
  ],
  coordinators: [
    { topic: 'requests', may: ['read'] },
    { topic: 'partials', may: ['read'] },
    { topic: 'finals', may: ['write'] },
    { topic: 'heartbeats', may: ['read'] },
    { topic: 'state', may: ['read'] },
    { topic: 'state', whose: 'own', may: ['write'] },
    { topic: 'events', may: ['write'] },
    { topic: 'deadLetters', may: ['write'] },
  ],
  submitters: [
    { topic: 'intents', may: ['read'] },
    { topic: 'requests', may: ['write'] },
    { topic: 'finals', may: ['read'] },
    { topic: 'outcomes', may: ['write'] },
    { topic: 'state', may: ['read'] },
    { topic: 'state', whose: 'own', may: ['write'] },
    { topic: 'events', may: ['write'] },
    { topic: 'deadLetters', may: ['write'] },
  ],
  auditors: [
    { topic: 'events', may: ['read'] },
    { topic: 'heartbeats', may: ['read'] },
    { topic: 'state', whose: 'own', may: ['write'] },
  ],
  operators: [
    { topic: 'deadLetters', may: ['read'] },
    { topic: 'events', may: ['read'] },
    { topic: 'heartbeats', may: ['read'] },
    { topic: 'state', may: ['read'] },
    { topic: 'state', whose: 'own', may: ['write'] },
  ],
  clients: [
    { topic: 'requests', may: ['write'] },
    { topic: 'finals', may: ['read'] },
    { topic: 'intents', may: ['write'] },
    { topic: 'outcomes', may: ['read'] },
  ],
};

/**
 * Everything that is allowed in a deployment, and nothing else.
 * @param prefix TOPIC_PREFIX, may be empty
 * @throws RangeError when two parties have one name, or a party's groups would be another's as well
 */
export function aclBindings(principals: Principals, prefix: string): AclBinding[] {
  assertApart(principals, prefix);
  const names = topicNames(prefix);
  return ROLES.flatMap((role) =>
    principals[role].flatMap((kid) => {
      const principal = `User:${kafkaUser(kid, prefix)}`;
      const topics = TOPIC_RULES[role].flatMap((rule) =>
        topicsOf(rule, kid, names, principals).flatMap((name) =>
          rule.may.map((operation) => ({
            ...({ principal, resource: 'topic', name, pattern: 'literal', operation } as const),
          })),
        ),
      );
      const groups = groupsOf(role, kid, principals, prefix).map(({ name, pattern }) => ({
        ...({ principal, resource: 'group', name, pattern, operation: 'read' } as const),
      }));
      return [...topics, ...groups];
    }),
  );
}

/**
 * The same as a declaration for a broker that others may use as well: what a party of ours, or a former one, may do with
 * topics and groups of ours is as declared; other principals and other resources are left alone.
 * @param isFormer whether somebody of this kid is, or was, of this deployment
 */
export function aclDeclaration(
  principals: Principals,
  prefix: string,
  isFormer: (kid: string) => boolean,
): AclDeclaration {
  const present = new Set(ROLES.flatMap((role) => principals[role]));
  const start = `User:${prefix}`;
  return {
    bindings: aclBindings(principals, prefix),
    isOurs: ({ principal, resource, name }) => {
      if (!principal.startsWith(start) || !name.startsWith(prefix)) return false;
      const kid = principal.slice(start.length);
      return (present.has(kid) || isFormer(kid)) && (resource === 'topic' || resource === 'group');
    },
  };
}

function topicsOf(
  { topic, whose }: Topics,
  kid: string,
  names: TopicNames,
  principals: Principals,
): string[] {
  if (topic !== 'rounds' && topic !== 'state') return [names[topic]];
  const owners = topic === 'rounds' ? principals.nodes : writersOf(principals);
  const chosen = owners.filter((owner) => whose === undefined || (owner === kid) === (whose === 'own'));
  return chosen.map((owner) => names[topic](owner));
}

/** Everybody who has a register (mpc.state.WRITER). */
export function writersOf({ coordinators, nodes, submitters, auditors, operators }: Principals): string[] {
  return [...coordinators, ...nodes, ...submitters, ...auditors, ...operators];
}

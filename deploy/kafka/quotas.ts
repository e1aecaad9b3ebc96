import { kafkaUser } from '@quorate/deployment';
import { type ClientQuota, type QuotaDeclaration, type QuotaEntity } from '@quorate/messaging';
import { type Deployment } from './topics';

/** What tells parties apart: the user who has logged in or, where the broker asks for no login, what a client calls itself. */
export type PartyName = 'user' | 'client-id';

const MIB = 1024 * 1024;

/**
 * What each broker lets one party do; docs/overload.md shows the figures behind them. Rates are means over ten seconds, so
 * that ten times as many bytes pass at once.
 */
const LIMITS = {
  /** More than a node's one protocol thread can make: some 430 presignatures a second, 85 kB for each peer. */
  node: { producer_byte_rate: 48 * MIB, consumer_byte_rate: 64 * MIB, request_percentage: 300 },
  /** Five times what a coordinator writes at 600 signatures a second; reads are for catching up after a pause. */
  service: { producer_byte_rate: 24 * MIB, consumer_byte_rate: 64 * MIB, request_percentage: 300 },
  /** Each client, operator and tool: 2,000 requests of 2 kB a second. */
  anybody: { producer_byte_rate: 4 * MIB, consumer_byte_rate: 16 * MIB, request_percentage: 100 },
};

/**
 * The quotas of a deployment: generous for each service, firm for everybody else, so that nobody starves the services.
 * @param isService whether an entity of that name is, or was, a service of ours, so that its quota may be removed
 */
export function quotaDeclaration(
  { coordinators, nodes, submitters, auditors, prefix }: Deployment,
  by: PartyName,
  isService: (name: string) => boolean,
): QuotaDeclaration {
  const quota = (kid: string | null, limits: ClientQuota['limits']) => ({
    entity: { [by]: kid !== null && by === 'user' ? kafkaUser(kid, prefix) : kid },
    limits,
  });
  return {
    quotas: [
      ...nodes.map((name) => quota(name, LIMITS.node)),
      ...[...coordinators, ...submitters, ...auditors].map((name) => quota(name, LIMITS.service)),
      quota(null, LIMITS.anybody),
    ],
    isOurs: (entity) => isOurs(entity, prefix, isService),
  };
}

/** Services, and everybody, by either kind of name: a broker that begins to ask for logins changes from one to the other. */
function isOurs(entity: QuotaEntity, prefix: string, isService: (name: string) => boolean): boolean {
  const [[by, name] = ['', null], ...others] = Object.entries(entity);
  if (others.length > 0 || (by !== 'user' && by !== 'client-id')) return false;
  if (name === null) return true;
  return by === 'user' ? name.startsWith(prefix) && isService(name.slice(prefix.length)) : isService(name);
}

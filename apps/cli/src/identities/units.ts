import { existsSync } from 'node:fs';
import { readJsonFile, requestersFile } from '@quorate/platform';
import { usageError } from '../exit-code';
import { type Stack } from '../stack/stack-file';
import { placesOf, rolesOf } from './places';
import { type Thing, THINGS, type Unit } from './rotation';

/** What each role has that can be replaced. The auditor's identity is the key of its log (docs/rotation.md). */
const THINGS_OF: Readonly<Record<string, readonly Thing[]>> = {
  node: ['identity', 'tls', 'kafka', 'database'],
  coordinator: ['identity', 'tls', 'kafka', 'database'],
  submitter: ['identity', 'kafka', 'database', 'tokens'],
  auditor: ['kafka', 'database', 'tokens'],
  operator: ['identity', 'tls', 'kafka'],
  // A client has to be given what is new: its password would end before it has the next one.
  client: ['identity'],
};

/** The parties of an installation. */
export interface Parties {
  /** Kids of services, with their roles. */
  readonly roles: ReadonlyMap<string, string>;
  readonly operators: readonly string[];
  readonly clients: readonly string[];
}

/** All services; operators and clients whose private keys are here. */
export function partiesIn(stack: Stack): Parties {
  const places = placesOf(stack);
  const { requesters } = readJsonFile(places.requesters, requestersFile);
  return {
    roles: rolesOf(places.peers),
    operators: stack.control.operators.map(({ kid }) => kid),
    clients: requesters.flatMap(({ kid, role }) =>
      role === 'client' && existsSync(places.identity(kid)) ? [kid] : [],
    ),
  };
}

/**
 * Who is replaced, one unit after the other: nodes, coordinators (together: they share a database), submitters, auditors,
 * operators; clients by name only.
 * @param kids empty: everybody but clients
 * @param only empty: everything they have
 * @throws CommandFailure `usage` for a kid that is nobody's, and for things that somebody has not
 */
export function unitsOf(
  parties: Parties,
  kids: readonly string[],
  only: readonly Thing[],
): Pick<Unit, 'kids' | 'things'>[] {
  const { roles, operators, clients } = parties;
  const roleOf = (kid: string) =>
    roles.get(kid) ?? (operators.includes(kid) ? 'operator' : clients.includes(kid) ? 'client' : undefined);
  for (const kid of kids) {
    if (roleOf(kid) !== undefined) continue;
    throw usageError(
      `nobody whose private key is here is named ${kid}: ${[...roles.keys(), ...operators, ...clients].join(', ')}`,
    );
  }
  const chosen = (role: string) =>
    [...roles.keys(), ...operators, ...clients].filter(
      (kid) => roleOf(kid) === role && (kids.includes(kid) || (kids.length === 0 && role !== 'client')),
    );
  const coordinators = chosen('coordinator');
  const isWhole = coordinators.length === [...roles.values()].filter((role) => role === 'coordinator').length;
  const groups = [
    ...chosen('node').map((kid) => [kid]),
    ...(isWhole ? [coordinators] : coordinators.map((kid) => [kid])),
    ...['submitter', 'auditor', 'operator', 'client'].flatMap((role) => chosen(role).map((kid) => [kid])),
  ].filter((group) => group.length > 0);
  const units = groups.map((group) => {
    const role = roleOf(group[0] ?? '') ?? '';
    const theirs = THINGS_OF[role] ?? [];
    const wanted = only.length === 0 ? theirs : THINGS.filter((thing) => only.includes(thing));
    // The database of coordinators is that of all of them.
    const sharesDatabase = role === 'coordinator' && !isWhole;
    return {
      kids: group,
      things: wanted.filter((thing) => theirs.includes(thing) && !(thing === 'database' && sharesDatabase)),
    };
  });
  const idle = units.find(({ things }) => things.length === 0);
  if (kids.length > 0 && idle !== undefined) {
    const kid = idle.kids.join(', ');
    const auditor =
      roleOf(kid) === 'auditor' ? ': its identity is the key of its log (docs/rotation.md)' : '';
    throw usageError(`${kid} has nothing of ${only.join(', ')} that could be replaced${auditor}`);
  }
  return units.filter(({ things }) => things.length > 0);
}

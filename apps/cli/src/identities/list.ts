import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readJsonFile, requestersFile, PeerDirectory } from '@quorate/platform';
import { type Places } from './places';
import { type Parties } from './units';
import { fingerprintOf } from './things/new-things';

/** Something of somebody that may be replaced. */
export interface Listed {
  readonly kid: string;
  readonly role: string;
  readonly thing: string;
  /** Of the public key (SHA-256 of SPKI, 16 hex digits), or of the certificate; absent for passwords. */
  readonly fingerprint: string | null;
  /** Since when it is what it is, RFC 3339. */
  readonly since: string;
  /** When it ends, RFC 3339. */
  readonly until: string | null;
  /** What is left to do, or what counts beside it. */
  readonly remark: string;
}

/** Everything of everybody, as far as it is on this machine. */
export function listThings(places: Places, { roles, operators, clients }: Parties): Listed[] {
  const all = [
    ...roles,
    ...operators.map((kid) => [kid, 'operator'] as const),
    ...clients.map((kid) => [kid, 'client'] as const),
  ];
  const remarks = formerKeyRemarks(places);
  return all.flatMap(([kid, role]) => [
    ...identityOf(kid, role, places, remarks.get(kid) ?? ''),
    ...certificateOf(kid, role, places),
    ...passwordOf(kid, role, places),
  ]);
}

function identityOf(kid: string, role: string, places: Places, remark: string): Listed[] {
  const file = places.identity(kid);
  if (!existsSync(file)) return [];
  const fingerprint = fingerprintOf(file);
  return [{ kid, role, thing: 'identity', fingerprint, since: changedAt(file), until: null, remark }];
}

function certificateOf(kid: string, role: string, places: Places): Listed[] {
  const { certFile } = places.certificate(kid);
  if (role === 'client' || !existsSync(certFile)) return [];
  const { fingerprint256, validFrom, validTo } = new X509Certificate(readFileSync(certFile));
  const time = (text: string) => new Date(text).toISOString();
  const fingerprint = fingerprint256.replaceAll(':', '').toLowerCase().slice(0, 16);
  return [{ kid, role, thing: 'tls', fingerprint, since: time(validFrom), until: time(validTo), remark: '' }];
}

function passwordOf(kid: string, role: string, places: Places): Listed[] {
  const file = places.kafkaPassword(kid);
  if (!existsSync(file)) return [];
  return [{ kid, role, thing: 'kafka', fingerprint: null, since: changedAt(file), until: null, remark: '' }];
}

/** By kid, what is to be said of its former keys. */
function formerKeyRemarks({ peers, requesters }: Places): Map<string, string> {
  const remarks = new Map<string, string>();
  const directory = PeerDirectory.load(peers);
  const pinned = readJsonFile(requesters, requestersFile);
  const services = (['node', 'coordinator', 'submitter', 'auditor'] as const).flatMap((role) =>
    directory.withRole(role),
  );
  for (const { kid, formerKeys = [] } of [...services, ...pinned.requesters, ...pinned.operators]) {
    const open = formerKeys.filter(({ logs }) => logs === undefined);
    const [first] = open.map(({ until }) => new Date(until).toISOString());
    if (first !== undefined) remarks.set(kid, `former key until ${first}: identities rotate --finish`);
    else if (formerKeys.length > 0) remarks.set(kid, `replaced ${formerKeys.length} times`);
  }
  return remarks;
}

function changedAt(file: string): string {
  return statSync(file).mtime.toISOString();
}

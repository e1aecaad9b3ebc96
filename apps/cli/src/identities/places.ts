import { dirname, join } from 'node:path';
import { type CertificateFiles, databaseName, deploymentLayout } from '@quorate/deployment';
import { Invalid, PeerDirectory } from '@quorate/platform';
import { type Stack } from '../stack/stack-file';

/** A token of an HTTP API, and whose it is. */
export interface TokenPlace {
  /** HTTP_TOKENS_FILE of the service that takes it. */
  readonly tokens: string;
  /** The name of the entry there. */
  readonly holder: string;
  /** The token itself. */
  readonly file: string;
}

/** Where a service keeps the URLs of its database, or the passwords for it. */
export type DatabasePlace =
  | { readonly kind: 'passwords'; readonly file: string; readonly database: string }
  | { readonly kind: 'urls'; readonly files: readonly string[] };

/** Where the files of an installation are that a rotation changes. */
export interface Places {
  /** What is written while a rotation is under way. */
  readonly rotation: string;
  readonly peers: string;
  readonly requesters: string;
  /** POLICY_FILE by node. */
  readonly policies: ReadonlyMap<string, string>;
  readonly authority: CertificateFiles;
  /** Private key, PKCS#8 PEM. */
  identity(kid: string): string;
  certificate(kid: string): CertificateFiles;
  kafkaPassword(kid: string): string;
  /** Of a service; all that share the database. */
  databases(kids: readonly string[]): readonly DatabasePlace[];
  /** Tokens that a service takes. */
  tokens(kid: string): readonly TokenPlace[];
}

/** @throws Invalid `stack-file` for a stack whose files are not known */
export function placesOf(stack: Stack): Places {
  const { deployment, files } = stack;
  const { peers } = files;
  if (peers === undefined) {
    throw new Invalid('stack-file', 'stack.json does not name PEERS_FILE: start the stack again, npm start');
  }
  const policies = new Map(Object.entries(files.policies));
  const common = { peers, requesters: files.requesters, policies };
  return deployment === undefined
    ? { ...common, ...ofEmbeddedStack(dirname(dirname(peers))) }
    : { ...common, ...ofDeployment(deployment.folder, new Set(rolesOf(peers).keys())) };
}

/** The kids of all services, with their roles. */
export function rolesOf(peers: string): Map<string, string> {
  const directory = PeerDirectory.load(peers);
  const roles = ['node', 'coordinator', 'submitter', 'auditor'] as const;
  return new Map(roles.flatMap((role) => directory.withRole(role).map(({ kid }) => [kid, role] as const)));
}

type OwnPlaces = Omit<Places, 'peers' | 'requesters' | 'policies'>;

/** @param data of the stack (`.quorate/data`) */
function ofEmbeddedStack(data: string): OwnPlaces {
  const at = (...names: string[]) => join(data, ...names);
  const certificate = (name: string) => ({
    certFile: at('certificates', `${name}.pem`),
    keyFile: at('certificates', `${name}.key.pem`),
  });
  return {
    rotation: at('rotation.json'),
    authority: certificate('ca'),
    identity: (kid) => at('identities', `${kid}.pem`),
    certificate,
    kafkaPassword: (kid) => at('kafka-logins', `${kid}.password`),
    databases: ([kid = '']) => {
      const owner = kid.startsWith('coordinator-') ? 'coordinator' : kid === 'auditor' ? 'audit' : kid;
      return [{ kind: 'passwords', file: at('database-passwords.json'), database: databaseName(owner) }];
    },
    tokens: (kid) =>
      tokenHolders(kid).map((holder) => ({
        ...{ holder, tokens: at('config', `http-tokens-${kid}.json`) },
        file: at('tokens', `${kid}-${holder}.token`),
      })),
  };
}

/** @param services kids that have a folder of their own there */
function ofDeployment(folder: string, services: ReadonlySet<string>): OwnPlaces {
  const layout = deploymentLayout(folder);
  const own = (kid: string) => {
    if (services.has(kid)) return layout.service(kid);
    return kid === 'operator' ? layout.operator : layout.client(kid);
  };
  const tokenFiles: Readonly<Record<string, string>> = {
    'auditor operator': layout.operator.auditToken,
    'auditor witness': layout.operator.witnessToken,
    'submitter operator': layout.operator.submitterToken,
  };
  return {
    rotation: join(folder, 'rotation.json'),
    authority: layout.authority,
    identity: (kid) => own(kid).identity,
    certificate: (kid) => (services.has(kid) ? layout.service(kid) : layout.operator),
    kafkaPassword: (kid) => own(kid).kafkaPassword,
    databases: (kids) => {
      const files = kids.map((kid) => layout.service(kid));
      return [
        { kind: 'urls', files: files.map(({ database }) => database) },
        { kind: 'urls', files: files.map(({ databaseMigration }) => databaseMigration) },
      ];
    },
    tokens: (kid) =>
      tokenHolders(kid).flatMap((holder) => {
        const file = tokenFiles[`${kid} ${holder}`];
        return file === undefined ? [] : [{ holder, file, tokens: layout.service(kid).httpTokens }];
      }),
  };
}

/** Who has a token for a service from the beginning. */
function tokenHolders(kid: string): string[] {
  if (kid === 'auditor') return ['operator', 'witness'];
  return kid === 'submitter' ? ['operator'] : [];
}

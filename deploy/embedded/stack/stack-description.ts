import { type Ed25519Jwk } from '@quorate/platform';

// Type aliases, not interfaces: they fit the client's open-ended schema of the same file.

/** A party of a stack, by the file of its private key (Ed25519, PKCS#8 PEM). */
type KeyHolder = {
  kid: string;
  privateKeyFile: string;
};

type Sasl = {
  mechanism: string;
  username: string;
  password: string;
};

type DatabaseDescription = {
  coordinator: string;
  audit: string;
  submitter: string;
  nodes: Record<string, string>;
};

/** A usable threshold key, as stack.json and the demo show it. */
export type DemoKey = {
  keyId: string;
  scheme: string;
  threshold: number;
  participants: string[];
  publicKey: string;
  chainCode: string;
  address: string;
};

/** The content of `.quorate/run/stack.json` (interfaces.md, Commands): all that a client or operator needs. */
export type StackDescription = {
  kafka: {
    brokers: string[];
    caFile: string | null;
    sasl: Sasl | null;
    topicPrefix: string;
    groupPrefix: string;
    operator: { sasl: Sasl | null };
  };
  audit: { url: string; token: string; witnessToken: string; logKeys: string[] };
  submitter: { url: string; token: string };
  control: { address: string; caFile: string; certFile: string; keyFile: string; operators: KeyHolder[] };
  chain: { rpcUrl: string; chainId: string };
  /** As the roles that the services work with. */
  databases: DatabaseDescription;
  /** As the roles that own the tables; `server` is the role that may create databases. */
  databaseOwners: DatabaseDescription & { server: string };
  processes: Record<string, { pid: number; health?: string; stopped?: true }>;
  /** What `quorate stack` talks to, a Unix socket. */
  supervisor: { socket: string };
  identities: Record<string, Ed25519Jwk>;
  files: { policies: Record<string, string>; requesters: string; peers: string };
  /** By node: the variables that `node backup` and `node restore` need. */
  nodeEnvironments: Record<string, Record<string, string>>;
  /** The variables that `audit rebuild` needs. */
  auditorEnvironment: Record<string, string>;
  key: DemoKey;
  requester: KeyHolder;
};

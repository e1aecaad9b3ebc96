import { readFileSync } from 'node:fs';
import { type TlsFiles } from '@quorate/deployment';

/** The CN of the broker's own certificate, and of the one that may do everything: for preparing the broker only. */
export const BROKER_KID = 'kafka';
export const BROKER_ADMIN_KID = 'kafka-admin';

/** The certificates of the local authority that a broker needs which lets in only whom it knows. */
export interface BrokerCertificates {
  broker: TlsFiles;
  admin: TlsFiles;
}

/** How a broker tells parties apart. */
export interface BrokerSecurity extends BrokerCertificates {
  /** Where the broker talks to itself, and the admin to it. */
  internalPort: number;
}

/** How to connect to a broker; the shape of the messaging library's own options. */
export interface KafkaAccess {
  brokers: string[];
  ssl?: { ca: string; cert?: string; key?: string };
  sasl?: { username: string; password: string };
}

/** The address that a broker binds to, and its ports: on 127.0.0.1 for everybody, also where it runs in a container. */
export interface BrokerListeners {
  bind: string;
  clients: number;
  controller: number;
}

/** Where a broker finds its key with its certificate, and the authority: paths as the broker sees them. */
export interface BrokerStores {
  keystore: string;
  truststore: string;
}

const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';

/** A listener on 127.0.0.1 where users log in by SCRAM-SHA-512 over TLS. @param name in capitals */
export function loginSettings(name: string): Record<string, string> {
  return { [`listener.name.${name.toLowerCase()}.scram-sha-512.sasl.jaas.config`]: SCRAM };
}

/**
 * The settings of a broker that speaks TLS 1.3 only, knows everybody by name and does what its access rules say:
 * - CLIENTS: users log in by SCRAM-SHA-512.
 * - INTERNAL and CONTROLLER: certificates of the local authority. That of a service opens the door, but is nobody to the
 *   rules, so nothing can be done with it; broker and admin are the only ones above the rules.
 */
export function securitySettings(
  { bind, clients, internal, controller }: BrokerListeners & { internal: number },
  stores: BrokerStores,
): Record<string, string | boolean> {
  const own = `CLIENTS://127.0.0.1:${clients},INTERNAL://127.0.0.1:${internal}`;
  return {
    listeners: `CLIENTS://${bind}:${clients},INTERNAL://${bind}:${internal},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': own,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'INTERNAL',
    'listener.security.protocol.map': 'CLIENTS:SASL_SSL,INTERNAL:SSL,CONTROLLER:SSL',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    ...loginSettings('CLIENTS'),
    'listener.name.internal.ssl.client.auth': 'required',
    'listener.name.controller.ssl.client.auth': 'required',
    'ssl.enabled.protocols': 'TLSv1.3',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': stores.keystore,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': stores.truststore,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    'super.users': [BROKER_KID, BROKER_ADMIN_KID].map((kid) => `User:CN=${kid}`).join(';'),
  };
}

/** What a broker has that asks nobody who they are: for tests of what has nothing to do with that. */
export function openSettings({ bind, clients, controller }: BrokerListeners): Record<string, string> {
  return {
    listeners: `PLAINTEXT://${bind}:${clients},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${clients}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
  };
}

/** The connection that may do everything. */
export function adminAccess({ admin, internalPort }: BrokerSecurity): KafkaAccess {
  return {
    brokers: [`127.0.0.1:${internalPort}`],
    ssl: {
      ca: readFileSync(admin.caFile, 'utf8'),
      cert: readFileSync(admin.certFile, 'utf8'),
      key: readFileSync(admin.keyFile, 'utf8'),
    },
  };
}

/** What a broker's keystore holds: the key, then the certificate. */
export function keystorePem({ certFile, keyFile }: TlsFiles): string {
  return `${pem(keyFile)}\n${pem(certFile)}\n`;
}

function pem(file: string): string {
  return readFileSync(file, 'utf8').trim();
}

import { readFileSync } from 'node:fs';
import { Fatal } from '../errors/errors';
import { type KafkaConfig } from './fragments';

/** What the Kafka adapter needs to connect. */
export interface KafkaConnection {
  readonly brokers: string[];
  readonly ssl?: { readonly ca: string[] } | true;
  readonly sasl?: {
    readonly mechanism: 'scram-sha-512';
    readonly username: string;
    readonly password: string;
  };
}

/**
 * Connection settings from the KAFKA_* variables. KAFKA_SSL_CA is a PEM file, or the PEM text itself. With a
 * user name but no authority, TLS with the system's authorities is used: a password never goes out in clear.
 * @throws Fatal `config` when the authority's file cannot be read or a password is missing.
 */
export function kafkaConnection(config: KafkaConfig): KafkaConnection {
  const { KAFKA_SASL_USERNAME: username } = config;
  const password = config.KAFKA_SASL_PASSWORD?.reveal();
  if ((username === undefined) !== (password === undefined)) {
    throw new Fatal(
      'config',
      'KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD (or KAFKA_SASL_PASSWORD_FILE) must be set together',
    );
  }
  const authority = config.KAFKA_SSL_CA === undefined ? undefined : readAuthority(config.KAFKA_SSL_CA);
  return {
    brokers: config.KAFKA_BROKERS,
    ...(authority !== undefined ? { ssl: { ca: [authority] } } : username !== undefined ? { ssl: true } : {}),
    ...(username !== undefined && password !== undefined
      ? { sasl: { mechanism: 'scram-sha-512', username, password } }
      : {}),
  };
}

function readAuthority(value: string): string {
  const text = value.startsWith('-----BEGIN') ? value : readAuthorityFile(value);
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new Fatal('config', 'KAFKA_SSL_CA: expected certificates in PEM, or the path of a file with them');
  }
  return text;
}

function readAuthorityFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Fatal('config', `KAFKA_SSL_CA: the file ${file} cannot be read`, { cause });
  }
}

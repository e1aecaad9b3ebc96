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
 * @throws Fatal `config` when a file cannot be read or a password is missing, or there are two.
 */
export function kafkaConnection(config: KafkaConfig): KafkaConnection {
  const { KAFKA_SASL_USERNAME: username } = config;
  const password = passwordOf(config);
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

function passwordOf({
  KAFKA_SASL_PASSWORD: password,
  KAFKA_SASL_PASSWORD_FILE: file,
}: KafkaConfig): string | undefined {
  if (file === undefined) return password?.reveal();
  if (password !== undefined) {
    throw new Fatal('config', 'set KAFKA_SASL_PASSWORD or KAFKA_SASL_PASSWORD_FILE, not both');
  }
  const text = read('KAFKA_SASL_PASSWORD_FILE', file).trim();
  if (text === '') throw new Fatal('config', `KAFKA_SASL_PASSWORD_FILE: the file ${file} is empty`);
  return text;
}

function readAuthority(value: string): string {
  const text = value.startsWith('-----BEGIN') ? value : read('KAFKA_SSL_CA', value);
  if (!text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new Fatal('config', 'KAFKA_SSL_CA: expected certificates in PEM, or the path of a file with them');
  }
  return text;
}

function read(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Fatal('config', `${variable}: the file ${file} cannot be read`, { cause });
  }
}

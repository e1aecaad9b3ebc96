import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Fatal } from '../errors/errors';
import { databaseConfig, httpConfig, kafkaConfig, logConfig } from './fragments';
import { kafkaConnection } from './kafka-connection';
import { parseConfig } from './load-config';

const schema = z.object({
  ...kafkaConfig.shape,
  ...databaseConfig.shape,
  ...httpConfig.shape,
  ...logConfig.shape,
});
const complete = {
  KAFKA_BROKERS: '127.0.0.1:9092, kafka-2:9092',
  DATABASE_URL: 'postgres://quorate:hush@127.0.0.1/quorate',
  HTTP_PORT: '8083',
};

function messageOf(env: Record<string, string>): string {
  try {
    parseConfig(schema, env);
  } catch (error) {
    if (error instanceof Fatal) return error.message;
  }
  throw new Error('the configuration was accepted');
}

describe('parseConfig', () => {
  it('reads numbers, lists and defaults', () => {
    const config = parseConfig(schema, complete);
    expect(config).toMatchObject({
      KAFKA_BROKERS: ['127.0.0.1:9092', 'kafka-2:9092'],
      HTTP_PORT: 8083,
      HTTP_HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
      TOPIC_PREFIX: '',
    });
    expect(config.DATABASE_URL.reveal()).toBe(complete.DATABASE_URL);
  });

  it('names every missing variable, and what is expected', () => {
    const message = messageOf({});
    for (const name of ['KAFKA_BROKERS', 'DATABASE_URL', 'HTTP_PORT']) {
      expect(message).toContain(`${name} is missing`);
    }
    expect(message).toContain('comma-separated list of host:port');
  });

  it('takes an empty value for a missing one', () => {
    expect(messageOf({ ...complete, DATABASE_URL: '' })).toContain('DATABASE_URL is missing');
  });

  it.each([
    ['KAFKA_BROKERS', 'localhost', 'host:port'],
    ['KAFKA_BROKERS', 'a:1,,b:2', 'comma-separated'],
    ['DATABASE_URL', 'mysql://x', 'postgres://'],
    ['HTTP_PORT', 'eighty', 'port number'],
    ['HTTP_PORT', '70000', '65535'],
    ['LOG_LEVEL', 'loud', 'trace'],
    ['TOPIC_PREFIX', 'a b', 'letters'],
  ])('refuses %s=%s', (name, value, expected) => {
    const message = messageOf({ ...complete, [name]: value });
    expect(message).toContain(`${name} is wrong`);
    expect(message).toContain(expected);
  });

  it('never shows a secret value', () => {
    expect(JSON.stringify(parseConfig(schema, complete))).not.toContain('hush');
  });
});

describe('secrets in files', () => {
  const names = ['DATABASE_URL', 'DATABASE_MIGRATION_URL', 'KAFKA_SASL_PASSWORD'] as const;
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'quorate-test-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const written = (text: string): string => {
    const file = join(folder, 'secret');
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const env = (more: Record<string, string>): Record<string, string> => {
    const { DATABASE_URL, ...others } = complete;
    return 'DATABASE_URL_FILE' in more ? { ...others, ...more } : { ...others, DATABASE_URL, ...more };
  };

  it.each(names)('%s stands in no environment', (name) => {
    const text = name.startsWith('DATABASE') ? complete.DATABASE_URL : 'hush';
    const config = parseConfig(schema, env({ [`${name}_FILE`]: written(`${text}\n`) }));
    expect(config[name]?.reveal()).toBe(text);
  });

  it.each(names)('%s: says what is wrong with the file, once, and shows nothing of it', (name) => {
    const variable = `${name}_FILE`;
    expect(messageOf(env({ [variable]: '/nowhere/secret' }))).toContain(
      `${variable} is wrong: /nowhere/secret cannot be read (ENOENT)`,
    );
    const empty = messageOf(env({ [variable]: written('\n') }));
    expect(empty).toContain(`${variable} is wrong: ${join(folder, 'secret')} is empty`);
    expect(empty).not.toContain('is missing');
    const both = messageOf({ ...complete, [name]: 'hush', [variable]: written('hush') });
    expect(both).toContain(`${variable} is wrong: set ${name} or ${variable}, not both`);
    expect(both).not.toContain('hush');
  });

  it('are not taken from a file that others can use; its group may read it, as Kubernetes has it', () => {
    const file = written(complete.DATABASE_URL);
    const settings = env({ DATABASE_URL_FILE: file });
    for (const mode of [0o604, 0o644, 0o660]) {
      chmodSync(file, mode);
      expect(messageOf(settings)).toContain(
        `DATABASE_URL_FILE is wrong: ${file} can be read or written by others (mode ${mode.toString(8)}): chmod 600 ${file}`,
      );
      const key = { ...complete, IDENTITY_KEY_FILE: file, SEAL_KEY_FILE: file, GRPC_KEY_FILE: file };
      for (const name of ['IDENTITY_KEY_FILE', 'SEAL_KEY_FILE', 'GRPC_KEY_FILE']) {
        expect(messageOf(key)).toContain(`${name} is wrong: ${file} can be read`);
      }
    }
    for (const mode of [0o400, 0o440, 0o600, 0o640]) {
      chmodSync(file, mode);
      expect(parseConfig(schema, settings).DATABASE_URL.reveal()).toBe(complete.DATABASE_URL);
    }
  });

  it('are checked as if they stood in the environment', () => {
    const message = messageOf(env({ DATABASE_URL_FILE: written('mysql://hush') }));
    expect(message).toContain('DATABASE_URL is wrong: expected a URL that begins with postgres://');
    expect(message).not.toContain('hush');
  });
});

describe('kafkaConnection', () => {
  it('connects in clear without user and authority', () => {
    expect(kafkaConnection(parseConfig(schema, complete))).toEqual({
      brokers: ['127.0.0.1:9092', 'kafka-2:9092'],
    });
  });

  it('sends a password over TLS only', () => {
    const config = parseConfig(schema, {
      ...complete,
      KAFKA_SASL_USERNAME: 'auditor',
      KAFKA_SASL_PASSWORD: 'hush',
    });
    expect(kafkaConnection(config)).toMatchObject({
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'auditor', password: 'hush' },
    });
  });

  it('wants user name and password together', () => {
    const config = parseConfig(schema, { ...complete, KAFKA_SASL_USERNAME: 'auditor' });
    expect(() => kafkaConnection(config)).toThrow('must be set together');
  });

  it('takes a password from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-test-'));
    const file = join(folder, 'auditor.password');
    const env = { ...complete, KAFKA_SASL_USERNAME: 'auditor', KAFKA_SASL_PASSWORD_FILE: file };
    try {
      writeFileSync(file, 'hush\n', { mode: 0o600 });
      expect(kafkaConnection(parseConfig(schema, env)).sasl).toMatchObject({ password: 'hush' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('wants certificates as KAFKA_SSL_CA', () => {
    const config = parseConfig(schema, { ...complete, KAFKA_SSL_CA: __filename });
    expect(() => kafkaConnection(config)).toThrow('certificates in PEM');
  });

  it('names KAFKA_SSL_CA when its file is not there', () => {
    const config = parseConfig(schema, { ...complete, KAFKA_SSL_CA: '/nowhere/ca.pem' });
    expect(() => kafkaConnection(config)).toThrow('KAFKA_SSL_CA');
  });
});

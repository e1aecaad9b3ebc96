import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

  it('reads the password from a file, so that it stands in no environment', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-test-'));
    const file = join(folder, 'auditor.password');
    const env = { ...complete, KAFKA_SASL_USERNAME: 'auditor', KAFKA_SASL_PASSWORD_FILE: file };
    const sasl = () => kafkaConnection(parseConfig(schema, env)).sasl;
    try {
      expect(sasl).toThrow('KAFKA_SASL_PASSWORD_FILE: the file');
      writeFileSync(file, '\n');
      expect(sasl).toThrow('is empty');
      writeFileSync(file, 'hush\n');
      expect(sasl()).toMatchObject({ username: 'auditor', password: 'hush' });
      const both = parseConfig(schema, { ...env, KAFKA_SASL_PASSWORD: 'hush' });
      expect(() => kafkaConnection(both)).toThrow('not both');
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

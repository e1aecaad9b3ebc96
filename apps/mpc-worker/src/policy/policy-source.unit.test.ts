import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, Fatal, identityJwk } from '@quorate/platform';
import { PolicySource } from './policy-source';

describe('PolicySource', () => {
  const publicKey = identityJwk(generateKeyPairSync('ed25519').publicKey);
  const policy = (policyVersion: string) =>
    JSON.stringify({
      version: 1,
      policyVersion,
      operators: { required: 1, keys: [{ kid: 'operator', publicKey }] },
      requesters: [],
    });
  let folder: string;
  let file: string;
  let logged: string[];
  const open = () => {
    logged = [];
    return new PolicySource(file, createLogger('test', 'info', { write: (line) => void logged.push(line) }));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-policy-'));
    file = join(folder, 'policy.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('puts a new file in force on SIGHUP, and keeps the old one when the new one is broken', () => {
    writeFileSync(file, policy('first'));
    const source = open();
    try {
      writeFileSync(file, policy('second'));
      process.emit('SIGHUP', 'SIGHUP');
      expect(source.current().policyVersion).toBe('second');
      const { hash } = source.current();

      writeFileSync(file, policy('third').replace('"requesters"', '\n"reqesters"'));
      process.emit('SIGHUP', 'SIGHUP');
      expect(source.current()).toMatchObject({ hash, policyVersion: 'second' });
      expect(logged.at(-1)).toMatch(
        /policy\.json:2:1: reqesters: there is no field.*did you mean .*requesters/,
      );

      rmSync(file);
      process.emit('SIGHUP', 'SIGHUP');
      expect(source.current().hash).toBe(hash);
    } finally {
      source.close();
    }
  });

  it('does not start with a broken file', () => {
    writeFileSync(file, '{');
    expect(open).toThrow(Fatal);
    expect(open).toThrow(/policy\.json:1:2: this is not JSON/);
  });
});

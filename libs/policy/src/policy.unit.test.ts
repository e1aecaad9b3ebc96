import { generateKeyPairSync } from 'node:crypto';
import { identityJwk } from '@quorate/platform';
import { evaluatePolicy, matchesPath } from './evaluate';
import { type ClientEntry, policyFile } from './policy-file';

const publicKey = identityJwk(generateKeyPairSync('ed25519').publicKey);
const alice: ClientEntry = {
  kid: 'alice',
  publicKey,
  role: 'client',
  keys: ['k_1'],
  paths: ['m/44/60/*', 'm'],
  payloadKinds: ['evm-transaction', 'eip191'],
  chains: ['1', '31337'],
  rawDigests: false,
};
const subject = { keyId: 'k_1', path: 'm/44/60/0', payloadKind: 'eip191' };

describe('evaluatePolicy', () => {
  it('allows what the entry names', () => {
    expect(evaluatePolicy(alice, subject)).toEqual({ allowed: true });
    expect(evaluatePolicy(alice, { ...subject, payloadKind: 'evm-transaction', chainId: '1' })).toEqual({
      allowed: true,
    });
  });

  it.each([
    ['key', { keyId: 'k_2' }],
    ['path', { path: 'm/44/61/0' }],
    ['payload-kind', { payloadKind: 'eip712' }],
    ['chain', { payloadKind: 'evm-transaction', chainId: '137' }],
    ['raw-digest', { payloadKind: 'digest' }],
  ])('refuses by rule %s', (rule, change) => {
    expect(evaluatePolicy(alice, { ...subject, ...change })).toMatchObject({ allowed: false, rule });
  });

  it('signs raw digests only where the entry says so and names the kind', () => {
    const digest = { ...subject, payloadKind: 'digest' };
    expect(evaluatePolicy({ ...alice, rawDigests: true }, digest)).toMatchObject({ rule: 'payload-kind' });
    const named: ClientEntry = { ...alice, rawDigests: true, payloadKinds: ['digest'] };
    expect(evaluatePolicy(named, digest)).toEqual({ allowed: true });
  });
});

describe('matchesPath', () => {
  it.each([
    ['*', 'm/1/2', true],
    ['m', 'm', true],
    ['m', 'm/0', false],
    ['m/44/60/*', 'm/44/60/0/0/7', true],
    ['m/44/60/*', 'm/44/60', false],
    ['m/44/6/*', 'm/44/60/0', false],
    ['m/44/60/0', 'm/44/60/0', true],
  ])('%s against %s: %s', (pattern, path, expected) => {
    expect(matchesPath(pattern, path)).toBe(expected);
  });
});

describe('policyFile', () => {
  const file = {
    version: 1,
    operators: { required: 1, keys: [{ kid: 'operator', publicKey }] },
    requesters: [alice, { kid: 'submitter', publicKey, role: 'submitter' }],
  };

  it('becomes the policy in force, with a hash that changes with its content', () => {
    const policy = policyFile.parse(file);
    expect([...policy.requesters.keys()]).toEqual(['alice', 'submitter']);
    expect(policy.hash).toMatch(/^0x[0-9a-f]{64}$/);
    expect(policyFile.parse({ ...file, requesters: [alice] }).hash).not.toBe(policy.hash);
  });

  it.each([
    [
      'more operators required than named',
      { ...file, operators: { ...file.operators, required: 2 } },
      /required/,
    ],
    ['two requesters of one name', { ...file, requesters: [alice, alice] }, /same kid/],
    ['a hardened path', { ...file, requesters: [{ ...alice, paths: ["m/44'"] }] }, /path/],
    ['a chain that is no number', { ...file, requesters: [{ ...alice, chains: ['0x1'] }] }, /chain/],
    ['an unknown version', { ...file, version: 2 }, /version/i],
  ])('refuses %s', (_name, content, message) => {
    const parsed = policyFile.safeParse(content);
    expect(parsed.success).toBe(false);
    expect(JSON.stringify(parsed.error?.issues)).toMatch(message);
  });
});

import { policyFile } from '@quorate/policy';
import { type Scheme } from '@quorate/protocol';
import { person, policyFor, requestValue, taskFor } from '../testing/signed-tasks';
import { assessTask } from './assess';

const now = new Date('2026-12-01T12:00:00Z');
const alice = person('alice');
const policyWith = (rawDigests: boolean) =>
  policyFile.parse(policyFor(alice, { payloadKinds: ['eip191', 'bytes', 'digest'], rawDigests }));
const everyKind = policyWith(true);

const assessed = (scheme: Scheme | undefined, change: object, policy = everyKind) =>
  assessTask(taskFor(alice, requestValue(alice, now, change)), policy, now, () => scheme);

const bytes = { payload: { kind: 'bytes', message: '0x00ff' } };
const digest = { payload: { kind: 'digest', digest: `0x${'1a'.repeat(32)}` } };

describe('what a key signs', () => {
  it.each(['eddsa-ed25519', 'bip340-secp256k1'] as const)('%s: the message itself, no digest', (scheme) => {
    const assessment = assessed(scheme, bytes);
    expect(assessment).toMatchObject({ ok: true, request: { message: Buffer.from([0, 0xff]), path: 'm' } });
    expect(assessment.ok && assessment.request.digest).toBeUndefined();
  });

  it('bip340-secp256k1: a bare digest, where the policy names her for it', () => {
    const raw = Buffer.alloc(32, 0x1a);
    expect(assessed('bip340-secp256k1', digest)).toMatchObject({
      ok: true,
      request: { message: raw, digest: raw },
    });
    expect(assessed('bip340-secp256k1', digest, policyWith(false))).toMatchObject({
      ok: false,
      refusal: { code: 'policy', rule: 'raw-digest' },
    });
  });

  it.each<[Scheme, object]>([
    ['ecdsa-secp256k1', bytes],
    ['eddsa-ed25519', digest],
    ['eddsa-ed25519', {}],
    ['eddsa-ed25519', { ...bytes, path: 'm' }],
    ['eddsa-ed25519', { ...bytes, path: 'm/0' }],
    ['bip340-secp256k1', {}],
    ['bip340-secp256k1', { ...bytes, path: 'm/0' }],
  ])('%s: not %j', (scheme, change) => {
    expect(assessed(scheme, change)).toMatchObject({ ok: false, refusal: { code: 'invalid' } });
  });
});

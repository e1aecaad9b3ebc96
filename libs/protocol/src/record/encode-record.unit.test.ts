import { generateKeyPairSync } from 'node:crypto';
import { type FinalInput, finalSchema } from '../index';
import { keyLookup } from '../key-lookup';
import { asRead, testIdentity } from '../testing/identities';
import { encodeRecord, recordSigner, signedAgain } from './encode-record';
import { verifyServiceRecord } from './service-record';

const coordinator = testIdentity('coordinator-1');
const final = {
  ...{ type: 'quorate.sign.rejected.v1', id: 'f-1', requester: 'alice', requestId: 'order-1' },
  ...{ requestHash: `0x${'11'.repeat(32)}`, code: 'expired', reason: 'too late', mayBeSigned: false },
  rejectedAt: '2026-11-30T12:00:00.000Z',
} satisfies FinalInput;
const kept = encodeRecord(
  { typ: 'final', source: '/coordinator/coordinator-1', data: final, key: 'order-1', time: new Date(0) },
  coordinator.signer,
);
const options = {
  typ: 'final',
  schema: finalSchema,
  lookup: keyLookup({ 'coordinator-1': coordinator.jwk }),
} as const;

describe('a record that is published again', () => {
  const renewed = recordSigner('coordinator-1', generateKeyPairSync('ed25519').privateKey);

  it('is the same, byte for byte', () => {
    expect(signedAgain(kept, 'final', coordinator.signer)).toEqual(kept);
  });

  it('is the same but for its signature when the key was replaced', () => {
    const again = signedAgain(kept, 'final', renewed);
    expect({ ...again, headers: { ...again.headers, jws: kept.headers['jws'] } }).toEqual(kept);
    expect(verifyServiceRecord(asRead(again), options)).toMatchObject({ ok: false, code: 'bad-signature' });
    expect(signedAgain(again, 'final', coordinator.signer)).toEqual(kept);
  });

  it('of somebody else is left as it is', () => {
    const other = recordSigner('coordinator-2', generateKeyPairSync('ed25519').privateKey);
    expect(signedAgain(kept, 'final', other)).toEqual(kept);
  });
});

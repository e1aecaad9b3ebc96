import { type IntentEvent } from './events';
import { type ActiveIntent } from './intent';
import { outcomeOf } from './outcome';

const identity = { requester: 'alice', intentId: 'payout-77' };
const facts = {
  intentHash: '0x01',
  keyId: 'k_1',
  chainId: '31337',
  confirmations: 2,
  expiresAt: 0,
  amendments: [],
};
const from = '0x3535353535353535353535353535353535353535';
const block = { number: '5', hash: '0xb1' };
const attempt = {
  kind: 'payload',
  maxFeePerGas: '9',
  maxPriorityFeePerGas: '1',
  digest: '0xd',
  hash: '0xaa',
} as const;
const broadcast: ActiveIntent = {
  ...{
    stage: 'active',
    facts,
    from,
    nonce: '7',
    attempts: [{ ...attempt, isTaken: true }],
    requests: [],
    mayBeSigned: false,
  },
};
const included: ActiveIntent = {
  ...broadcast,
  inclusion: { attempt: 0, hash: '0xaa', block, status: 'success', isConfirmed: false },
};

describe('outcomeOf', () => {
  it('tells what applies, and nothing else', () => {
    const accepted: IntentEvent = { type: 'quorate.tx.authorized.v1', data: { from } };
    expect(outcomeOf(identity, accepted, { stage: 'received', facts })).toEqual({
      ...{
        type: 'quorate.tx.accepted.v1',
        ...identity,
        intentHash: '0x01',
        chainId: '31337',
        from,
        status: 'queued',
      },
    });
    const confirmed: IntentEvent = {
      type: 'quorate.tx.confirmed.v1',
      data: { hash: '0xaa', block, confirmations: 2 },
    };
    expect(outcomeOf(identity, confirmed, included)).toEqual({
      ...{
        type: 'quorate.tx.confirmed.v1',
        ...identity,
        intentHash: '0x01',
        chainId: '31337',
        from,
        nonce: '7',
      },
      ...{ hash: '0xaa', block, status: 'confirmed' },
    });
  });

  it('names the hash of the bytes that were refused', () => {
    const rejected: IntentEvent = {
      type: 'quorate.tx.rejected.v1',
      data: { intentHash: '0x02', code: 'conflict', reason: 'other' },
    };
    expect(outcomeOf(identity, rejected, broadcast)).toEqual({
      ...{
        type: 'quorate.tx.rejected.v1',
        ...identity,
        intentHash: '0x02',
        code: 'conflict',
        reason: 'other',
      },
      status: 'rejected',
    });
  });

  it('gives the rule that refused a signature', () => {
    const failed: IntentEvent = {
      type: 'quorate.tx.failed.v1',
      data: { code: 'policy', reason: 'no', rule: 'destination', nonce: '7' },
    };
    const outcome = outcomeOf(identity, failed, { ...broadcast, attempts: [] });
    expect(outcome).toMatchObject({ status: 'failed', code: 'policy', details: { rule: 'destination' } });
    expect(outcome?.nonce).toBeUndefined();
  });

  it('says nothing about steps that clients need not know', () => {
    const reorged: IntentEvent = { type: 'quorate.tx.reorged.v1', data: { hash: '0xaa', block } };
    expect(outcomeOf(identity, reorged, included)).toBeUndefined();
  });

  it('takes a confirmation back when its block left the chain', () => {
    const reorged: IntentEvent = { type: 'quorate.tx.reorged.v1', data: { hash: '0xaa', block } };
    const { inclusion } = included;
    const confirmed = { ...included, inclusion: inclusion && { ...inclusion, isConfirmed: true } };
    expect(outcomeOf(identity, reorged, confirmed)).toMatchObject({ status: 'broadcast', code: 'reorged' });
  });
});

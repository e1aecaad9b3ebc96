import { InFlight } from './in-flight';

const transaction = (nonce: bigint) => ({
  identity: { requester: 'alice', intentId: `i${nonce}` },
  lane: { chainId: '31337', address: '0x01' },
  ...{ nonce, hash: `0x${nonce}`, raw: '0x', confirmations: 1 },
});

describe('InFlight', () => {
  it('keeps what it knows of a transaction that is added again', () => {
    const inFlight = new InFlight();
    inFlight.add(transaction(1n)).noted = true;
    expect(inFlight.add(transaction(1n)).noted).toBe(true);
    expect(inFlight.size).toBe(1);
  });

  it('sends again, lowest nonce first, what is due or was taken two heads ago without inclusion', () => {
    const inFlight = new InFlight();
    inFlight.add(transaction(5n), { resendAt: 900 });
    inFlight.add(transaction(3n), { takenAtHead: 8 });
    inFlight.add(transaction(4n), { takenAtHead: 9 });
    inFlight.add(transaction(2n), { resendAt: 1001 });
    inFlight.add(transaction(1n), { takenAtHead: 1, block: { number: 9, hash: '0xb' } });
    inFlight.add(transaction(6n));
    expect(inFlight.toResend(10, 1000, 9).map(({ nonce }) => nonce)).toEqual([3n, 5n]);
    expect(inFlight.toResend(10, 1000, 1).map(({ nonce }) => nonce)).toEqual([3n]);
  });
});

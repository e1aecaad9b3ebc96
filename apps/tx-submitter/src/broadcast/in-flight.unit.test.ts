import { InFlight } from './in-flight';

const transaction = (nonce: bigint, n = 0, address = '0x01') => ({
  identity: { requester: 'alice', intentId: `i${nonce}-${address}` },
  lane: { chainId: '31337', address },
  ...{ nonce, n, kind: 'payload' as const, hash: `0x${address}${nonce}.${n}`, raw: '0x', confirmations: 1 },
});
const inclusion = { hash: '0x1.0', block: { number: 9, hash: '0xb' } };

describe('InFlight', () => {
  it('keeps what it knows of a transaction that is added again', () => {
    const inFlight = new InFlight();
    inFlight.add(transaction(1n)).takenAtHead = 4;
    expect(inFlight.add(transaction(1n))).toMatchObject({ takenAtHead: 4 });
    expect(inFlight.size).toBe(1);
  });

  it('has one flight for all transactions of an intent, the dearest last', () => {
    const inFlight = new InFlight();
    inFlight.add(transaction(1n, 1)).takenAtHead = 4;
    const flight = inFlight.add(transaction(1n, 0));
    expect(flight.attempts.map(({ n }) => n)).toEqual([0, 1]);
    expect(flight.takenAtHead).toBeUndefined();
    inFlight.remove(flight);
    expect([inFlight.size, inFlight.get(transaction(1n, 1).hash)]).toEqual([0, undefined]);
  });

  it('sends again, lowest nonce first, what is due or was taken two heads ago without inclusion', () => {
    const inFlight = new InFlight();
    inFlight.add(transaction(5n)).resendAt = 900;
    inFlight.add(transaction(3n)).takenAtHead = 8;
    inFlight.add(transaction(4n)).takenAtHead = 9;
    inFlight.add(transaction(2n)).resendAt = 1001;
    Object.assign(inFlight.add(transaction(1n)), { takenAtHead: 1, inclusion });
    inFlight.add(transaction(6n));
    expect(inFlight.toResend(10, 1000, 9).map(({ nonce }) => nonce)).toEqual([3n, 5n]);
    expect(inFlight.toResend(10, 1000, 1).map(({ nonce }) => nonce)).toEqual([3n]);
  });

  it('knows what each lane waits for', () => {
    const inFlight = new InFlight();
    Object.assign(inFlight.add(transaction(1n)), { inclusion });
    inFlight.add(transaction(3n));
    inFlight.add(transaction(2n));
    inFlight.add(transaction(9n, 0, '0x02'));
    expect(inFlight.headsOfLine().map(({ nonce }) => nonce)).toEqual([2n, 9n]);
  });
});

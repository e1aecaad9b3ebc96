import fc from 'fast-check';
import {
  complain,
  complaintBytes,
  decryptShare,
  encodeComplaint,
  encryptShare,
  judgeComplaint,
  parseComplaint,
} from './complaint';
import { ed25519Group } from '../group/ed25519-group';
import { secp256k1Group } from '../group/secp256k1-group';
import { commit, evaluate, randomPolynomial } from './polynomial';
import { seededRandom } from '../testing/seeded-random';

describe.each([secp256k1Group, ed25519Group])('complaints (3, round 4) in $name', (group) => {
  const random = seededRandom('complaint');
  const polynomial = randomPolynomial(group, 3, random);
  const commitments = commit(group, polynomial);
  const [dealer, receiver] = [2, 5];
  const dealing = random(32);
  const receiverSecret = group.randomScalar(random);
  const context = {
    group,
    ssid: Buffer.alloc(32, 4),
    dealer,
    receiver,
    receiverKey: group.multiplyBase(receiverSecret),
  };
  const good = encryptShare(context, evaluate(group, polynomial, receiver), random);
  const bad = encryptShare(context, evaluate(group, polynomial, receiver + 1), random);
  const notCanonical = encryptShare(context, Buffer.alloc(32, 0xff), random);

  test('the receiver decrypts its share', () => {
    expect(decryptShare(context, good, receiverSecret)).toEqual(evaluate(group, polynomial, receiver));
    const other = group.randomScalar(random);
    expect(decryptShare(context, good, other)).not.toEqual(evaluate(group, polynomial, receiver));
  });

  test.each([
    ['a bad share', bad],
    ['a share >= q', notCanonical],
  ])('about %s convicts the dealer', (_, share) => {
    const complaint = complain(context, share, dealing, receiverSecret, random);
    expect(judgeComplaint(complaint, context, share, commitments)).toBe('dealer');
  });

  test('about a good share convicts the complainer', () => {
    const complaint = complain(context, good, dealing, receiverSecret, random);
    expect(judgeComplaint(complaint, context, good, commitments)).toBe('complainer');
  });

  test('with a D that is not ek*E convicts the complainer', () => {
    const wrongSecret = group.randomScalar(random);
    const forged = complain(context, good, dealing, wrongSecret, random);
    expect(judgeComplaint(forged, context, good, commitments)).toBe('complainer');
  });

  test('does not transfer to another session, dealer, receiver or share', () => {
    const complaint = complain(context, bad, dealing, receiverSecret, random);
    for (const other of [
      { ...context, ssid: Buffer.alloc(32, 5) },
      { ...context, dealer: 3 },
      { ...context, receiver: 6 },
      { ...context, receiverKey: group.multiplyBase(group.randomScalar(random)) },
    ]) {
      expect(judgeComplaint(complaint, other, bad, commitments)).toBe('complainer');
    }
    expect(judgeComplaint(complaint, context, notCanonical, commitments)).toBe('complainer');
  });

  test('has 134 bytes in secp256k1, 130 in Ed25519, and parses back', () => {
    const complaint = complain(context, bad, dealing, receiverSecret, random);
    expect(encodeComplaint(complaint)).toHaveLength(3 + 32 + 3 * group.pointBytes + 32);
    expect(parseComplaint(group, encodeComplaint(complaint))).toEqual(complaint);
  });

  test('any bytes parse to a complaint or to nothing', () => {
    const encoded = encodeComplaint(complain(context, bad, dealing, receiverSecret, random));
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 2 * complaintBytes(group) }),
      fc.record({ at: fc.nat(complaintBytes(group) - 1), value: fc.nat(255) }).map(({ at, value }) => {
        const changed = Buffer.from(encoded);
        changed[at] = value;
        return changed;
      }),
    );
    fc.assert(
      fc.property(input, (bytes) => {
        const complaint = parseComplaint(group, bytes);
        if (complaint) {
          expect(encodeComplaint(complaint)).toEqual(Buffer.from(bytes));
          expect(['dealer', 'complainer']).toContain(judgeComplaint(complaint, context, bad, commitments));
        }
      }),
    );
  });
});

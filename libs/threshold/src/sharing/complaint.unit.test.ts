import fc from 'fast-check';
import {
  complain,
  COMPLAINT_BYTES,
  decryptShare,
  encodeComplaint,
  encryptShare,
  judgeComplaint,
  parseComplaint,
} from './complaint';
import { multiplyBase } from '../group/point';
import { commit, evaluate, randomPolynomial } from './polynomial';
import { randomScalarBytes } from '../group/scalar';
import { seededRandom } from '../testing/seeded-random';

const random = seededRandom('complaint');
const polynomial = randomPolynomial(3, random);
const commitments = commit(polynomial);
const [dealer, receiver] = [2, 5];
const receiverSecret = randomScalarBytes(random);
const context = { ssid: Buffer.alloc(32, 4), dealer, receiver, receiverKey: multiplyBase(receiverSecret) };
const good = encryptShare(context, evaluate(polynomial, receiver), random);
const bad = encryptShare(context, evaluate(polynomial, receiver + 1), random);
const notCanonical = encryptShare(context, Buffer.alloc(32, 0xff), random);

describe('complaints (3, round 4)', () => {
  test('the receiver decrypts its share', () => {
    expect(decryptShare(context, good, receiverSecret)).toEqual(evaluate(polynomial, receiver));
    const other = randomScalarBytes(random);
    expect(decryptShare(context, good, other)).not.toEqual(evaluate(polynomial, receiver));
  });

  test.each([
    ['a bad share', bad],
    ['a share >= q', notCanonical],
  ])('about %s convicts the dealer', (_, share) => {
    const complaint = complain(context, share, receiverSecret, random);
    expect(judgeComplaint(complaint, context, share, commitments)).toBe('dealer');
  });

  test('about a good share convicts the complainer', () => {
    const complaint = complain(context, good, receiverSecret, random);
    expect(judgeComplaint(complaint, context, good, commitments)).toBe('complainer');
  });

  test('with a D that is not ek*E convicts the complainer', () => {
    const wrongSecret = randomScalarBytes(random);
    const forged = complain(context, good, wrongSecret, random);
    expect(judgeComplaint(forged, context, good, commitments)).toBe('complainer');
  });

  test('does not transfer to another session, dealer, receiver or share', () => {
    const complaint = complain(context, bad, receiverSecret, random);
    for (const other of [
      { ...context, ssid: Buffer.alloc(32, 5) },
      { ...context, dealer: 3 },
      { ...context, receiver: 6 },
      { ...context, receiverKey: multiplyBase(3n) },
    ]) {
      expect(judgeComplaint(complaint, other, bad, commitments)).toBe('complainer');
    }
    expect(judgeComplaint(complaint, context, notCanonical, commitments)).toBe('complainer');
  });

  test('has 134 bytes and parses back', () => {
    const complaint = complain(context, bad, receiverSecret, random);
    expect(encodeComplaint(complaint)).toHaveLength(134);
    expect(parseComplaint(encodeComplaint(complaint))).toEqual(complaint);
  });

  test('any bytes parse to a complaint or to nothing', () => {
    const encoded = encodeComplaint(complain(context, bad, receiverSecret, random));
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 2 * COMPLAINT_BYTES }),
      fc.record({ at: fc.nat(COMPLAINT_BYTES - 1), value: fc.nat(255) }).map(({ at, value }) => {
        const changed = Buffer.from(encoded);
        changed[at] = value;
        return changed;
      }),
    );
    fc.assert(
      fc.property(input, (bytes) => {
        const complaint = parseComplaint(bytes);
        if (complaint) {
          expect(encodeComplaint(complaint)).toEqual(Buffer.from(bytes));
          expect(['dealer', 'complainer']).toContain(judgeComplaint(complaint, context, bad, commitments));
        }
      }),
    );
  });
});

import { type Certificate, contradicts, verifyCertificate } from './certificate';
import { multiplyBase } from '../group/point';
import { secp256k1Group } from '../group/secp256k1-group';
import { commit, evaluateCommitments, randomPolynomial } from '../sharing/polynomial';
import { generateKey, testParties } from '../testing/ceremony-network';
import { certificateByOutsiders } from '../testing/outsiders';
import { seededRandom } from '../testing/seeded-random';

const share = generateKey(2, 3).get(1);
if (!share) throw new Error('a share');
const { certificate, identities } = share;

function replaced<T>(map: ReadonlyMap<number, T>, party: number, value: T): Map<number, T> {
  return new Map(map).set(party, value);
}
function without<T>(map: ReadonlyMap<number, T>, party: number): Map<number, T> {
  return new Map([...map].filter(([index]) => index !== party));
}

describe('certificate of a key (3, round 4)', () => {
  test('n identical confirmations verify', () => {
    expect(verifyCertificate(certificate, identities)).toBe(true);
  });

  const zero = Buffer.alloc(32);
  test.each<[string, Certificate]>([
    ['suite', { ...certificate, suite: 2 }],
    ['epoch', { ...certificate, epoch: 1 }],
    ['sid', { ...certificate, sid: zero }],
    ['sid of another length', { ...certificate, sid: Buffer.alloc(0) }],
    ['ssid', { ...certificate, ssid: zero }],
    ['transcript', { ...certificate, transcript: zero }],
    ['threshold', { ...certificate, threshold: 3 }],
    ['threshold 1', { ...certificate, threshold: 1 }],
    ['public key', { ...certificate, publicKey: multiplyBase(2n) }],
    [
      'public share',
      { ...certificate, publicShares: replaced(certificate.publicShares, 2, multiplyBase(2n)) },
    ],
    ['chain code', { ...certificate, chainCode: zero }],
    ['identity', { ...certificate, identities: replaced(certificate.identities, 2, zero) }],
    ['signature', { ...certificate, signatures: replaced(certificate.signatures, 2, Buffer.alloc(64)) }],
    [
      'signature of another length',
      { ...certificate, signatures: replaced(certificate.signatures, 2, zero) },
    ],
    ['n-1 signatures', { ...certificate, signatures: without(certificate.signatures, 3) }],
    ['n-1 public shares', { ...certificate, publicShares: without(certificate.publicShares, 3) }],
  ])('refuses another %s', (_, changed) => {
    expect(verifyCertificate(changed, identities)).toBe(false);
  });

  test('refuses another set of parties', () => {
    expect(verifyCertificate(certificate, without(identities, 3))).toBe(false);
    expect(verifyCertificate(certificate, replaced(identities, 4, zero))).toBe(false);
    expect(verifyCertificate(certificate, new Map())).toBe(false);
  });

  test('of parties without a share verifies by itself, and contradicts nothing', () => {
    const [, , , first, second] = testParties(5);
    if (!first || !second) throw new Error('five parties');
    const outsiders = [first, second].map(({ identityKey, sign }) => ({
      publicKey: Buffer.from(identityKey),
      sign,
    }));
    const forged = certificateByOutsiders(certificate, outsiders as never);
    expect(verifyCertificate(forged, forged.identities)).toBe(true);
    expect(contradicts(forged, certificate)).toBe(false);
    expect(contradicts(certificate, certificate)).toBe(false);
  });

  test('of the same parties for another key contradicts nothing', () => {
    const other = generateKey(2, 3, 'another key').get(1);
    if (!other) throw new Error('a share');
    expect(contradicts(other.certificate, certificate)).toBe(false);
  });

  test('refuses public shares of a higher degree than t - 1', () => {
    const commitments = commit(secp256k1Group, randomPolynomial(secp256k1Group, 3, seededRandom('degree')));
    const publicShares = new Map(certificate.publicShares);
    for (const party of publicShares.keys()) {
      const point = evaluateCommitments(secp256k1Group, commitments, party);
      if (point) publicShares.set(party, point);
    }
    const [publicKey] = commitments;
    expect(verifyCertificate({ ...certificate, publicKey, publicShares }, identities)).toBe(false);
  });
});

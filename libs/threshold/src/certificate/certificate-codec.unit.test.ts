import fc from 'fast-check';
import { InvalidInput } from '../errors';
import { type Certificate, verifyCertificate } from './certificate';
import { generateSchnorrKey } from '../testing/ceremony-network';
import { reshare } from '../testing/reshare-network';
import { decodeCertificate, encodeCertificate } from './certificate-codec';

const epochs = [3, 4].flatMap((suite) => {
  const first = generateSchnorrKey(2, 3, suite === 3 ? 3 : 4);
  const second = reshare(first, { dealers: [1, 3], threshold: 2, receivers: [3, 4] });
  const third = reshare(second, { dealers: [3, 4], threshold: 3, receivers: [3, 4, 5] });
  return [first.get(3), second.get(3), third.get(3)];
});
const certificates = epochs.map((share): Certificate => {
  if (!share) throw new Error('party 3 is always there');
  return share.certificate;
});

describe('encoded certificates', () => {
  test('decode to what was encoded, with all epochs before', () => {
    for (const certificate of certificates) {
      const decoded = decodeCertificate(encodeCertificate(certificate));
      expect(decoded).toEqual(certificate);
      expect(verifyCertificate(decoded, certificate.identities)).toBe(true);
    }
  });

  test('grow by about 130 bytes for each of N and 70 for each of O', () => {
    const [first, second, third] = certificates.map((certificate) => encodeCertificate(certificate).length);
    const epoch = (n: number, o: number, signers: number) => 6 + n * 66 + 1 + 2 * o + 96 + 64 * signers;
    expect(first).toBe(2 + 32 + 32 + 2 + epoch(3, 0, 3));
    expect((second ?? 0) - (first ?? 0)).toBe(epoch(2, 2, 3));
    expect((third ?? 0) - (second ?? 0)).toBe(epoch(3, 2, 3));
  });

  test('any other bytes are invalid input, or a certificate that nobody confirmed', () => {
    const [, , certificate] = certificates;
    if (!certificate) throw new Error('a certificate');
    const encoded = encodeCertificate(certificate);
    const cut = fc.nat(encoded.length - 1).map((length) => encoded.subarray(0, length));
    const longer = fc.uint8Array({ minLength: 1, maxLength: 9 }).map((t) => Buffer.concat([encoded, t]));
    const noise = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.oneof(cut, longer, noise), (bytes) => {
        expect(() => decodeCertificate(bytes)).toThrow(InvalidInput);
      }),
    );
    fc.assert(
      fc.property(fc.nat(encoded.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = Buffer.from(encoded);
        changed[at] = changed.readUInt8(at) ^ mask;
        let decoded: Certificate;
        try {
          decoded = decodeCertificate(changed);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInput);
          return;
        }
        expect(verifyCertificate(decoded, certificate.identities)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

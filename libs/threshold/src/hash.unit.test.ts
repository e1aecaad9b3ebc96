import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { H, HS } from './hash';
import { Q } from './group/scalar';

/** Section 1.1, written out. */
function framed(label: string, parts: Uint8Array[]): Uint8Array {
  const separator = utf8ToBytes(`dkls23/1/${label}`);
  const fields = parts.flatMap((part) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(part.length));
    return [length, part];
  });
  return Buffer.concat([Buffer.from([separator.length]), separator, ...fields]);
}

describe('hash framing (1.1)', () => {
  test('H is SHA-256 over length-prefixed parts', () => {
    const parts = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 6 });
    fc.assert(
      fc.property(parts, (inputs) => {
        expect(H('sid', ...inputs).equals(sha256(framed('sid', inputs)))).toBe(true);
      }),
    );
  });

  test('integers are u32 big-endian and strings UTF-8', () => {
    expect(H('sid', 258, 'dkg')).toEqual(H('sid', Buffer.from([0, 0, 1, 2]), Buffer.from('dkg')));
    expect(() => H('sid', 2 ** 32)).toThrow('out of range');
    expect(() => H('sid', -1)).toThrow('out of range');
  });

  test('moving a byte across a boundary changes the hash', () => {
    const digests = [
      H('sid', 'ab', 'c'),
      H('sid', 'a', 'bc'),
      H('sid', 'abc'),
      H('sid', 'abc', ''),
      H('sid'),
    ];
    expect(new Set(digests.map((d) => d.toString('hex'))).size).toBe(digests.length);
  });

  test('HS reduces 512 bits modulo q', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (input) => {
        const d = H('pre/r', input);
        const wide = Buffer.concat([
          sha256(Buffer.concat([d, Buffer.of(0)])),
          sha256(Buffer.concat([d, Buffer.of(1)])),
        ]);
        expect(HS('pre/r', input)).toBe(BigInt(`0x${wide.toString('hex')}`) % Q);
      }),
    );
  });

  test('known answers', () => {
    expect(H('sid').toString('hex')).toMatchInlineSnapshot(
      `"68c2560050fbc407eaf501c9b8816e736481b985bccdef7fb9e23b10c770ea9d"`,
    );
    expect(H('chain', Buffer.alloc(3, 7), 1, 'x').toString('hex')).toMatchInlineSnapshot(
      `"c53c321e257b8b2c24dafb7f4c932a011257eb49026e9926291b4d9b394e8b3e"`,
    );
    expect(HS('dkg/pok', Buffer.alloc(32, 1), 2).toString(16)).toMatchInlineSnapshot(
      `"b0550903d2d85bc17e7f8037b71dc9c6f4172eae6b544cf7173841f0e3f44b03"`,
    );
  });
});

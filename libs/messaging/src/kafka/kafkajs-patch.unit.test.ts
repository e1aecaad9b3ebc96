import RequestQueue from 'kafkajs/src/network/requestQueue';
import crc32C from 'kafkajs/src/protocol/recordBatch/crc32C/crc32C';
import { assertKafkajsPatched } from './kafkajs-patch';

describe('assertKafkajsPatched', () => {
  it('finds the installed kafkajs patched', () => {
    expect(() => assertKafkajsPatched()).not.toThrow();
  });

  it('refuses a kafkajs that arms its timer while nothing is pending', () => {
    class Unpatched extends RequestQueue {
      override scheduleCheckPendingRequests(): void {
        this.throttleCheckTimeoutId = setTimeout(() => undefined, 0);
      }
    }
    expect(() => assertKafkajsPatched(Unpatched)).toThrow('not patched');
  });

  it('refuses a kafkajs that takes its checksums byte by byte', () => {
    expect(() => assertKafkajsPatched(RequestQueue, bitwise)).toThrow('not patched');
  });
});

describe('the patched CRC-32C', () => {
  it.each([
    ['zeros', Buffer.alloc(32), 0x8a9136aa],
    ['ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['incrementing bytes', Buffer.from(Array.from({ length: 32 }, (_, n) => n)), 0x46dd794e],
    ['decrementing bytes', Buffer.from(Array.from({ length: 32 }, (_, n) => 31 - n)), 0x113fdb5c],
    [
      'an iSCSI read command',
      Buffer.from(
        '01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000',
        'hex',
      ),
      0xd9963a56,
    ],
  ])('is that of RFC 3720 B.4 for %s', (_, bytes, sum) => {
    expect(crc32C(bytes)).toBe(sum);
  });

  it('is right whatever is left after the last eight bytes', () => {
    for (let length = 0; length <= 40; length += 1) {
      const bytes = Buffer.from(Array.from({ length }, (_, n) => (n * 167 + length) & 0xff));
      expect(crc32C(bytes)).toBe(bitwise(bytes));
    }
  });
});

/** The definition: polynomial 0x1EDC6F41, reflected. */
function bitwise(bytes: Buffer): number {
  let sum = ~0;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum & 1) === 1 ? (sum >>> 1) ^ 0x82f63b78 : sum >>> 1;
  }
  return ~sum >>> 0;
}

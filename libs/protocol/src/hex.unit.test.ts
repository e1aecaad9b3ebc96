import { fromHex, toHex } from './hex';

it('writes bytes as lowercase hexadecimal and reads them', () => {
  expect(toHex(Uint8Array.of(0, 0xab, 0xff))).toBe('0x00abff');
  expect(toHex(new Uint8Array(0))).toBe('0x');
  expect(fromHex('0x00abff')).toEqual(Buffer.of(0, 0xab, 0xff));
});

it('writes a part of a larger buffer', () => {
  expect(toHex(Uint8Array.of(1, 2, 3, 4).subarray(1, 3))).toBe('0x0203');
});

/**
 * The y-coordinates, little-endian hex, of the eight points of Ed25519 whose order divides 8; those of 0 and 1 also in
 * the spellings y + p that are not canonical.
 */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  `00${'00'.repeat(31)}`, // order 4
  `01${'00'.repeat(31)}`, // order 1
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05', // order 8
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a', // order 8
  `ec${'ff'.repeat(30)}7f`, // -1, order 2
  `ed${'ff'.repeat(30)}7f`, // p
  `ee${'ff'.repeat(30)}7f`, // p + 1
]);

/** Whether an encoded point (32 B) is one of small order; its highest bit is the sign of x. */
export function hasSmallOrder(point: Uint8Array): boolean {
  const y = Buffer.from(point);
  y.writeUInt8(y.readUInt8(31) & 0x7f, 31);
  return SMALL_ORDER_Y.has(y.toString('hex'));
}

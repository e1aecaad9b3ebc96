import { decodeCursor, encodeCursor } from './cursor';

describe('cursor', () => {
  it.each([
    ['asc', { log: 0, index: 0n }],
    ['desc', { log: 7, index: 2n ** 63n - 1n }],
  ] as const)('comes back as the place it was made from (%s)', (order, place) => {
    expect(decodeCursor(encodeCursor(order, place), order)).toEqual(place);
  });

  it.each([
    '',
    '!',
    'asc:0:1',
    'YXNjOjA6LTE',
    Buffer.from('asc:0:9223372036854775808').toString('base64url'),
  ])('refuses %s', (cursor) => {
    expect(() => decodeCursor(cursor, 'asc')).toThrow('nextCursor');
  });

  it('refuses the cursor of a page in the other order', () => {
    expect(() => decodeCursor(encodeCursor('desc', { log: 0, index: 1n }), 'asc')).toThrow('order=desc');
  });
});

import { indicesOf, isSameContent } from './key-content';

const [P, Q, R] = ['11', '22', '33'].map((byte) => `0x02${byte.repeat(32)}`);
const content = {
  threshold: 2,
  participants: ['node-2', 'node-1', 'node-9'],
  publicKey: `0x02${'aa'.repeat(32)}`,
  chainCode: `0x${'bb'.repeat(32)}`,
  publicShares: { '10': R ?? '', '2': P ?? '', '3': Q ?? '' },
};

test('participants stand in numeric order of their indices', () => {
  expect([...indicesOf(content)]).toEqual([
    ['node-2', 2],
    ['node-1', 3],
    ['node-9', 10],
  ]);
});

test('the same content is the same in whatever order its shares are named', () => {
  expect(
    isSameContent(content, { ...content, publicShares: { '2': P ?? '', '3': Q ?? '', '10': R ?? '' } }),
  ).toBe(true);
});

test.each([
  ['threshold', { threshold: 3 }],
  ['participants', { participants: ['node-1', 'node-2', 'node-9'] }],
  ['key', { publicKey: `0x03${'aa'.repeat(32)}` }],
  ['chain code', { chainCode: `0x${'cc'.repeat(32)}` }],
  ['shares', { publicShares: { '2': Q ?? '', '3': P ?? '', '10': R ?? '' } }],
])('another %s is another content', (_name, change) => {
  expect(isSameContent(content, { ...content, ...change })).toBe(false);
});

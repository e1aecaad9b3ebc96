import { interpret } from './interpret';

const queries = (text: string) => interpret(text).lists.map(({ query }) => query);
const hex = 'AB'.repeat(32);

describe('what was pasted', () => {
  it.each([
    [`0x${hex}`, { hash: `0x${hex.toLowerCase()}` }],
    [`  "${hex}",`, { hash: `0x${hex.toLowerCase()}` }],
    [`0x${'9c'.repeat(20)}`, { hash: `0x${'9c'.repeat(20)}` }],
    ['k_0123456789abcdef', { keyId: 'k_0123456789abcdef' }],
    ['5bd6b1c5-2440-4c07-a055-fb172b12bb4b', { eventId: '5bd6b1c5-2440-4c07-a055-fb172b12bb4b' }],
    ['sign.completed', { type: 'quorate.sign.completed.v1' }],
    ['quorate.sign.unheard-of.v1', { type: 'quorate.sign.unheard-of.v1' }],
    ['/node/node-1', { actor: '/node/node-1' }],
    ['node-1', { actor: '/node/node-1' }],
    ['submitter', { actor: '/submitter/submitter' }],
  ])('%s is looked for as %j', (text, query) => {
    expect(queries(text)).toContainEqual(query);
  });

  it('may be the id of a story and the index of an entry at once', () => {
    expect(interpret('1042')).toMatchObject({ story: '1042', index: 1042 });
    expect(interpret('#7')).toMatchObject({ index: 7 });
    expect(interpret('#7').story).toBeUndefined();
  });

  it.each(['<script>', 'two words', 'ü', ''])(
    'and can be nothing of the log is not asked for: %s',
    (text) => {
      expect(interpret(text)).toEqual({ lists: [] });
    },
  );
});

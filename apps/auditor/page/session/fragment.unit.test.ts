import { readHandover } from './fragment';

describe('the fragment of a link', () => {
  it.each([
    ['#token=abc', { token: 'abc', keys: [] }],
    ['#token=abc&key=a%2Bb%2Bc%3D', { token: 'abc', keys: ['a+b+c='] }],
    ['#key=a+b+c=&key=d', { token: undefined, keys: ['a+b+c=', 'd'] }],
    ['#token=%ff', { token: '%ff', keys: [] }],
    ['#token=', undefined],
    ['#content', undefined],
    ['', undefined],
  ])('%s hands over %j', (hash, handover) => {
    expect(readHandover(hash)).toEqual(handover);
  });
});

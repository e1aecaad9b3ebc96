import { gweiText, weiText } from './amounts';
import { shorten } from './shorten';
import { agoText, durationText } from './times';

it.each([
  ['0', '0 ETH'],
  ['947', '947 wei'],
  ['1180790232', '1.180790232 gwei'],
  ['1000000000000000', '0.001 ETH'],
  ['250000000000000001', '0.250000000000000001 ETH'],
  ['12000000000000000000000', '12000 ETH'],
  ['not a number', 'not a number'],
])('%s wei reads %s', (wei, text) => {
  expect(weiText(wei)).toBe(text);
});

it.each([
  ['100000000000', '100 gwei'],
  ['947', '947 wei'],
  ['1479095727', '1.479095727 gwei'],
])('%s wei per gas reads %s', (wei, text) => {
  expect(gweiText(wei)).toBe(text);
});

it.each([
  [37, '37 ms'],
  [2_400, '2.4 s'],
  [59_000, '59 s'],
  [240_000, '4 min'],
  [7_200_000, '2 h'],
  [432_000_000, '5 d'],
])('%i ms last %s', (ms, text) => {
  expect(durationText(ms)).toBe(text);
});

it('what is a moment ago, or ahead, is just now', () => {
  expect([agoText(400), agoText(-5_000), agoText(3_400)]).toEqual(['just now', 'just now', '3 s ago']);
});

it('shortens long texts in their middle', () => {
  expect(shorten('payout-77')).toBe('payout-77');
  const short = shorten(`0x${'ab'.repeat(32)}`, 20);
  expect(short).toMatch(/^0xabababab.*…(?:ab)+$/);
  expect(short).toHaveLength(20);
});

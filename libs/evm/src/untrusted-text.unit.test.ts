import { plainText } from './untrusted-text';

describe('plainText', () => {
  it.each([
    ['ERC20: transfer amount exceeds balance', 'ERC20: transfer amount exceeds balance'],
    ['zażółć 😀', 'zażółć 😀'],
    ['a\u0000\u0000b\r\n\tc\u0085d\u2028e', 'a b c d e'],
    ['\u001b[31mred\u007f', '[31mred'],
    ['pay \u202Eecila\u202C \u200Bnow\uFEFF', 'pay ecila now'],
    ['half \ud83d of a pair', 'half  of a pair'],
    ['\u0000\u0000', ''],
  ])('makes one harmless line of %j', (text, expected) => {
    expect(plainText(text)).toBe(expected);
  });

  it('keeps as many characters as it is told, whole ones', () => {
    expect(plainText('x'.repeat(200))).toHaveLength(200);
    expect(plainText('abcdef', 3)).toBe('ab…');
    expect(plainText('😀'.repeat(100_000))).toBe(`${'😀'.repeat(199)}…`);
  });
});

import { readOperatorCommand } from './operator-command';

const halt = {
  ...{ what: 'Halt', scope: 'all', reason: 'drill', expiry: '2026-12-01T12:00:00Z' },
  nonce: `0x${'11'.repeat(32)}`,
};
const text = JSON.stringify(halt);

describe('the bytes of an operators’ command', () => {
  it('are a command of the kind that is asked for', () => {
    expect(readOperatorCommand('Halt', Buffer.from(text))).toEqual({ ok: true, command: halt });
  });

  it('are refused as a command of another kind', () => {
    const reason = 'the operators signed Halt, not Resume';
    expect(readOperatorCommand('Resume', Buffer.from(text))).toEqual({ ok: false, reason });
  });

  it.each([
    ['no JSON', '{"what":', /JSON/],
    ['an unknown kind', '{"what":"Obey"}', /`what`: CreateKey/],
    ['a wrong field', text.replace('"all"', '"everything"'), /scope/],
    // Whoever looks at it, and whichever scope their parser takes, must see the same command.
    ['a field twice', text.replace('{', '{"scope":"key:k_1",'), /scope/],
    ['a string that is no text', text.replace('drill', '\\u0000'), /U\+0000/],
  ])('of %s are refused, with the reason', (_, bytes, reason) => {
    expect(readOperatorCommand('Halt', Buffer.from(bytes))).toEqual({
      ok: false,
      reason: expect.stringMatching(reason) as string,
    });
  });
});

import { isMissingMethod, missingMethodTexts } from './missing-method';

const rpc = (message: string, code = -32000) => ({ error: { code, message } });

describe('isMissingMethod', () => {
  it.each(missingMethodTexts.map(([client, , example]) => [client, example] as const))(
    'knows the words of %s: "%s"',
    (_, example) => {
      expect(isMissingMethod(rpc(example))).toBe(true);
    },
  );

  it.each([-32601, -32004, -32604])('knows code %d', (code) => {
    expect(isMissingMethod(rpc('nope', code))).toBe(true);
  });

  it.each<[unknown]>([
    [rpc('rate limit reached', -32005)],
    [rpc('the account does not exist')],
    [rpc('header not found')],
    [Object.assign(new Error('timeout'), { code: 'TIMEOUT' })],
    [undefined],
  ])('is not said by %j', (thrown) => {
    expect(isMissingMethod(thrown)).toBe(false);
  });
});

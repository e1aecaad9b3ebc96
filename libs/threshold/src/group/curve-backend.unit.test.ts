import { assertNativeCurve } from './curve-backend';

describe('native curve arithmetic (15, threats 24)', () => {
  test('is there', () => {
    expect(assertNativeCurve).not.toThrow();
  });

  test.each([
    [
      'missing',
      () => {
        throw new Error('no native build was found');
      },
    ],
    ['wrong', () => ({ publicKeyCreate: () => Buffer.alloc(33) })],
  ])('an addon that is %s stops the process at import, with a remedy', (_, addon) => {
    jest.resetModules();
    jest.doMock('secp256k1/bindings', addon);
    expect(() => jest.requireActual<object>('./curve-backend')).toThrow('npm rebuild secp256k1');
    jest.dontMock('secp256k1/bindings');
  });
});

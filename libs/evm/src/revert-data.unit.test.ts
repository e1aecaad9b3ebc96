import { AbiCoder, id, toUtf8Bytes } from 'ethers';
import fc from 'fast-check';

import { describeRevertData } from './revert-data';

const abi = AbiCoder.defaultAbiCoder();
const encode = (signature: string, types: string[], values: unknown[]) =>
  id(signature).slice(0, 10) + abi.encode(types, values).slice(2);
const error = (text: string) => encode('Error(string)', ['string'], [text]);
const panic = (code: number) => encode('Panic(uint256)', ['uint256'], [code]);

describe('describeRevertData', () => {
  it('reads the text of require and revert', () => {
    expect(describeRevertData(error('ERC20: transfer amount exceeds balance'))).toBe(
      'ERC20: transfer amount exceeds balance',
    );
    expect(describeRevertData(error('zażółć gęślą 😀'))).toBe('zażółć gęślą 😀');
    expect(describeRevertData(error(''))).toBeUndefined();
  });

  it('makes what strangers wrote harmless', () => {
    expect(describeRevertData(error('paid\u0000\n\u001b[2J\u202e'))).toBe('paid [2J');
    expect(describeRevertData(error('x'.repeat(5_000)))).toHaveLength(200);
    const broken = `${error('ab').slice(0, -64)}${'ff'.repeat(32)}`;
    expect(describeRevertData(broken)).toBe('\ufffd\ufffd');
  });

  it.each([
    [0x00, 'a panic of the compiler'],
    [0x01, 'an assertion failed'],
    [0x11, 'arithmetic overflow or underflow'],
    [0x12, 'division by zero'],
    [0x21, 'a value outside of its enum'],
    [0x22, 'an incorrectly encoded byte array in storage'],
    [0x31, 'pop of an empty array'],
    [0x32, 'an index out of bounds'],
    [0x41, 'too much memory was asked for'],
    [0x51, 'a call of an uninitialised function'],
  ])('names panic %p', (code, name) => {
    expect(describeRevertData(panic(code))).toBe(`panic 0x${code.toString(16).padStart(2, '0')} (${name})`);
  });

  it('leaves errors of contracts to those who have their ABI', () => {
    const address = `0x${'35'.repeat(20)}`;
    const types = ['address', 'uint256', 'uint256'];
    const custom = encode('ERC20InsufficientBalance(address,uint256,uint256)', types, [address, 1, 2]);
    expect(describeRevertData(custom)).toBe(`custom error 0xe450d38c with 0x${custom.slice(10, 138)}…`);
    expect(describeRevertData(id('Unauthorized()').slice(0, 10))).toBe('custom error 0x82b42900');
    expect(describeRevertData(panic(0x77))).toMatch(/^custom error 0x4e487b71 with 0x0+77$/);
  });

  it('knows when there is nothing to say', () => {
    expect(describeRevertData('0x')).toBeUndefined();
    expect(describeRevertData('0x01')).toBe('data 0x01');
  });

  it('survives whatever a contract returns', () => {
    const selector = fc.constantFrom('08c379a0', '4e487b71', '');
    fc.assert(
      fc.property(selector, fc.uint8Array({ maxLength: 200 }), (start, bytes) => {
        const text = describeRevertData(`0x${start}${Buffer.from(bytes).toString('hex')}`);
        expect(toUtf8Bytes(text ?? '').length).toBeLessThan(1_000);
      }),
    );
    const word = (value: bigint) => value.toString(16).padStart(64, '0');
    for (const [offset, length] of [
      [2n ** 255n, 0n],
      [32n, 2n ** 200n],
      [32n, 33n],
      [33n, 1n],
    ] as const) {
      const data = `0x08c379a0${word(offset)}${word(length)}${'41'.repeat(32)}`;
      expect(describeRevertData(data)).toMatch(/^custom error 0x08c379a0/);
    }
  });
});

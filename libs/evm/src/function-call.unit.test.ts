import { Invalid } from '@quorate/platform';
import { AbiCoder } from 'ethers';
import fc from 'fast-check';
import { contractFunction, decodeCall, encodeCall } from './function-call';

const transfer = contractFunction('transfer(address to, uint256 amount)');
const to = '0x3535353535353535353535353535353535353535';

describe('contractFunction', () => {
  it('knows selector and parameters', () => {
    expect(transfer).toEqual({
      signature: 'transfer(address,uint256)',
      selector: '0xa9059cbb',
      parameters: [
        { name: 'to', type: 'address' },
        { name: 'amount', type: 'uint256' },
      ],
    });
    expect(contractFunction('function f(uint, (bool, bytes4)[] pairs) returns (bool)').parameters).toEqual([
      { name: '0', type: 'uint256' },
      { name: 'pairs', type: '(bool,bytes4)[]' },
    ]);
  });

  it.each(['', 'transfer', 'f(uint9)', 'f(foo)', 'f(address', 'f(address) f(address)'])(
    'refuses %j',
    (text) => {
      expect(() => contractFunction(text)).toThrow(Invalid);
    },
  );
});

describe('decodeCall', () => {
  it('reads back what was encoded', () => {
    const f = contractFunction('f(address,int64,bool,bytes,(uint8,string)[])');
    const text = fc.string({ unit: 'binary' });
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.boolean(),
        fc.uint8Array({ maxLength: 70 }),
        fc.array(fc.tuple(fc.nat(255), text), { maxLength: 4 }),
        (tick, exact, bytes, pairs) => {
          const hex = `0x${Buffer.from(bytes).toString('hex')}`;
          const values = [to, tick, exact, hex, pairs];
          const expected = [to, tick, exact, hex, pairs.map(([n, label]) => [BigInt(n), label])];
          expect(decodeCall(f, encodeCall(f, values))).toEqual(expected);
        },
      ),
    );
  });

  it('reads no byte twice: offsets that all lead to one large argument are not followed', () => {
    const multicall = contractFunction('multicall(bytes[] data)');
    const word = (n: number) => n.toString(16).padStart(64, '0');
    const [count, length] = [20, 640];
    const offsets = word(32 * count).repeat(count);
    const bomb = word(32) + word(count) + offsets + word(length) + '11'.repeat(length);
    const encode = jest.spyOn(AbiCoder.prototype, 'encode');
    expect(decodeCall(multicall, multicall.selector + bomb)).toBeUndefined();
    expect(encode).not.toHaveBeenCalled(); // what it inflates to was never there to be compared
    const elements = Array<string>(count).fill(`0x${'11'.repeat(length)}`);
    expect(decodeCall(multicall, encodeCall(multicall, [elements]))).toEqual([elements]);
    encode.mockRestore();
    const elsewhere = AbiCoder.defaultAbiCoder().decode(['bytes[]'], `0x${bomb}`)[0] as string[];
    expect(elsewhere).toHaveLength(count); // ethers' own limit is as it was
  });

  it('takes no other bytes for the same arguments', () => {
    const data = encodeCall(transfer, [to, 7n]);
    fc.assert(
      fc.property(fc.nat((data.length - 2) / 2 - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = Buffer.from(data.slice(2), 'hex');
        bytes[at] = (bytes[at] ?? 0) ^ flip;
        const decoded = decodeCall(transfer, `0x${bytes.toString('hex')}`);
        expect(decoded).not.toEqual([to, 7n]);
      }),
    );
  });

  it.each([
    ['another function', `0x095ea7b3${'00'.repeat(64)}`],
    ['fewer than four bytes', '0xa9059c'],
    ['no arguments', '0xa9059cbb'],
    ['a missing byte', encodeCall(transfer, [to, 7n]).slice(0, -2)],
    ['an extra byte', `${encodeCall(transfer, [to, 7n])}00`],
    [
      'an address with a byte in front',
      encodeCall(transfer, [to, 7n]).replace('00'.repeat(12), `01${'00'.repeat(11)}`),
    ],
  ])('refuses %s', (_, data) => {
    expect(decodeCall(transfer, data)).toBeUndefined();
  });

  it('refuses arguments of which two parts overlap, or that point outside', () => {
    const f = contractFunction('f(bytes,bytes)');
    const word = (n: number) => n.toString(16).padStart(64, '0');
    const tail = `${word(1)}ab${'00'.repeat(31)}`;
    expect(decodeCall(f, `${f.selector}${word(64)}${word(64)}${tail}`)).toBeUndefined();
    expect(decodeCall(f, `${f.selector}${word(64)}${word(4096)}${tail}`)).toBeUndefined();
  });
});

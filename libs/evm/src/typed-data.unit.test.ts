import { Invalid } from '@quorate/platform';
import { TypedDataEncoder } from 'ethers';
import fc from 'fast-check';

import { eip712Digest } from './typed-data';

/** The example of EIP-712, whose digest the EIP's test file gives. */
const mail = {
  types: {
    EIP712Domain: [
      { name: 'name', type: 'string' },
      { name: 'version', type: 'string' },
      { name: 'chainId', type: 'uint256' },
      { name: 'verifyingContract', type: 'address' },
    ],
    Person: [
      { name: 'name', type: 'string' },
      { name: 'wallet', type: 'address' },
    ],
    Mail: [
      { name: 'from', type: 'Person' },
      { name: 'to', type: 'Person' },
      { name: 'contents', type: 'string' },
    ],
  },
  primaryType: 'Mail',
  domain: {
    name: 'Ether Mail',
    version: '1',
    chainId: 1,
    verifyingContract: '0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC',
  },
  message: {
    from: { name: 'Cow', wallet: '0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826' },
    to: { name: 'Bob', wallet: '0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB' },
    contents: 'Hello, Bob!',
  },
};
const mailDigest = '0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2';

const one = (type: string, value: unknown, more: Record<string, unknown[]> = {}) => ({
  types: { Main: [{ name: 'x', type }], ...more },
  primaryType: 'Main',
  domain: { name: 'test' },
  message: { x: value },
});

function refusal(typedData: unknown): string {
  try {
    eip712Digest(typedData);
  } catch (error) {
    if (error instanceof Invalid) return error.message;
    throw error;
  }
  throw new Error('was accepted');
}

describe('the example of EIP-712', () => {
  it('has the published digest', () => {
    expect(eip712Digest(mail)).toBe(mailDigest);
  });

  it('has it without EIP712Domain, without primaryType, and with structs that nothing uses', () => {
    const types = { Person: mail.types.Person, Mail: mail.types.Mail };
    expect(eip712Digest({ ...mail, types })).toBe(mailDigest);
    expect(eip712Digest({ types, domain: mail.domain, message: mail.message })).toBe(mailDigest);
    expect(eip712Digest({ ...mail, types: { ...mail.types, Unused: [{ name: 'a', type: 'bool' }] } })).toBe(
      mailDigest,
    );
  });
});

describe('eip712Digest', () => {
  it('hashes the domain as it is declared, in the declared order', () => {
    const declared = [
      { name: 'chainId', type: 'uint256' },
      { name: 'name', type: 'string' },
    ];
    const typedData = { ...one('bool', true), domain: { name: 'n', chainId: '5' } };
    const reordered = { ...typedData, types: { ...typedData.types, EIP712Domain: declared } };
    expect(eip712Digest(reordered)).not.toBe(eip712Digest(typedData));
    const standard = { ...typedData, types: { ...typedData.types, EIP712Domain: declared.toReversed() } };
    expect(eip712Digest(standard)).toBe(eip712Digest(typedData));
  });

  it('agrees with ethers on arbitrary messages', () => {
    const address = fc.stringMatching(/^0x[0-9a-f]{40}$/);
    const item = fc.record({
      id: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(String),
      delta: fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }).map(String),
      owner: address,
      tag: fc.stringMatching(/^0x[0-9a-f]{8}$/),
      memo: fc.stringMatching(/^0x([0-9a-f]{2}){0,20}$/),
      ok: fc.boolean(),
      note: fc.string({ unit: 'grapheme' }),
    });
    const types = {
      Order: [
        { name: 'items', type: 'Item[]' },
        { name: 'pairs', type: 'Item[2][]' },
        { name: 'count', type: 'uint8' },
      ],
      Item: [
        { name: 'id', type: 'uint256' },
        { name: 'delta', type: 'int128' },
        { name: 'owner', type: 'address' },
        { name: 'tag', type: 'bytes4' },
        { name: 'memo', type: 'bytes' },
        { name: 'ok', type: 'bool' },
        { name: 'note', type: 'string' },
      ],
    };
    const message = fc.record({
      items: fc.array(item, { maxLength: 3 }),
      pairs: fc.array(fc.tuple(item, item), { maxLength: 2 }),
      count: fc.nat(255),
    });
    fc.assert(
      fc.property(message, (value) => {
        const domain = { name: 'shop', chainId: 31337 };
        expect(eip712Digest({ types, primaryType: 'Order', domain, message: value })).toBe(
          TypedDataEncoder.hash(domain, types, value),
        );
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['an array', [], /must be an object/],
    ['no types', { ...mail, types: undefined }, /types must be/],
    ['an unknown primary type', { ...mail, primaryType: 'Nothing' }, /primaryType/],
    ['the domain as the message', { ...mail, primaryType: 'EIP712Domain' }, /primaryType/],
    [
      'two roots and no primary type',
      { ...mail, primaryType: undefined, types: { ...mail.types, A: [] } },
      /primaryType/,
    ],
    [
      'a domain member that is not declared',
      { ...mail, domain: { ...mail.domain, salt: `0x${'00'.repeat(32)}` } },
      /domain.salt/,
    ],
    ['a domain without a declared member', { ...mail, domain: {} }, /domain.name is missing/],
    ['a domain that is no object', { ...mail, domain: 'x' }, /domain must be/],
    [
      'a declared domain that is not standard',
      { ...mail, types: { ...mail.types, EIP712Domain: [{ name: 'foo', type: 'bool' }] } },
      /standard domain/,
    ],
    ['an unknown type', one('Foo', {}), /unknown type Foo/],
    ['an alias', one('uint', '1'), /write uint256/],
    ['a width that does not exist', one('uint7', '1'), /unknown type/],
    ['a redefined built-in', one('uint8', '1', { uint8: [] }), /redefines/],
    [
      'a field twice',
      {
        ...one('bool', true),
        types: {
          Main: [
            { name: 'x', type: 'bool' },
            { name: 'x', type: 'bool' },
          ],
        },
      },
      /twice/,
    ],
    ['a type name that is no identifier', one('bool', true, { 'a b': [] }), /identifier/],
    [
      'a prototype',
      JSON.parse('{"types":{"__proto__":[],"Main":[]},"primaryType":"Main","domain":{},"message":{}}'),
      /identifier/,
    ],
    [
      'an inherited member',
      { ...one('bool', true), types: { Main: [{ name: 'constructor', type: 'bytes' }] }, message: {} },
      /missing/,
    ],
    [
      'a field that would not be signed',
      { ...one('bool', true), message: { x: true, amount: '5' } },
      /would not be signed/,
    ],
    ['a missing field', { ...one('bool', true), message: {} }, /missing/],
    ['a string for a bool', one('bool', 'false'), /true or false/],
    ['a number for a string', one('string', 5), /a string/],
    ['a fraction', one('uint256', 1.5), /integer/],
    ['an unsafe number', one('uint256', 2 ** 60), /string when above/],
    ['a value over its type', one('uint8', '256'), /fits uint8/],
    ['a negative unsigned', one('uint8', '-1'), /fits uint8/],
    ['a value under its type', one('int8', '-129'), /fits int8/],
    ['a value of 300 digits', one('uint256', '9'.repeat(300)), /integer/],
    ['an ICAP address', one('address', 'XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS'), /an address/],
    [
      'an address with a wrong checksum',
      one('address', '0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbb'),
      /does not fit/,
    ],
    ['bytes of the wrong length', one('bytes4', '0x00'), /8 hex digits/],
    ['a lone surrogate', one('string', '\ud800'), /does not fit/],
    ['an array of the wrong length', one('bool[2]', [true]), /2 elements/],
    ['an array that is none', one('bool[]', {}), /array/],
    ['an array of a billion', one('bool[1000000000]', []), /unknown type/],
    ['five array dimensions', one('bool[][][][][]', []), /dimensions/],
    ['too many values', one('bool[]', Array(9000).fill(true)), /more than 8192 values/],
    ['a message that is too long', one('string', 'x'.repeat(300_000)), /shorten/],
    ['a struct in itself', one('Main', {}), /contains itself/],
    [
      'a cycle',
      one('A', {}, { A: [{ name: 'b', type: 'B[]' }], B: [{ name: 'a', type: 'A' }] }),
      /contains itself/,
    ],
    [
      'too many types',
      one('bool', true, Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`T${i}`, []]))),
      /declare fewer/,
    ],
    [
      'too many fields',
      {
        ...one('bool', true),
        types: { Main: Array.from({ length: 129 }, (_, i) => ({ name: `f${i}`, type: 'bool' })) },
      },
      /128 fields/,
    ],
  ])('refuses %s and says where', (_, typedData, reason) => {
    expect(refusal(typedData)).toMatch(reason);
  });

  it('refuses types that would be walked in exponentially many ways, at once', () => {
    const types: Record<string, unknown[]> = {};
    for (let layer = 0; layer < 30; layer++) {
      const next =
        layer === 29
          ? []
          : [
              { name: 'a', type: `A${layer + 1}` },
              { name: 'b', type: `B${layer + 1}` },
            ];
      types[`A${layer}`] = next;
      types[`B${layer}`] = next;
    }
    const started = performance.now();
    expect(refusal({ types, primaryType: 'A0', domain: {}, message: {} })).toMatch(/flatten/);
    expect(performance.now() - started).toBeLessThan(500);
  });

  it('refuses a message that is nested too deep', () => {
    const depth = 20;
    const types: Record<string, unknown[]> = { [`T${depth}`]: [] };
    let message = {};
    for (let i = depth - 1; i >= 0; i--) {
      types[`T${i}`] = [{ name: 'x', type: `T${i + 1}` }];
      message = { x: message };
    }
    expect(refusal({ types, primaryType: 'T0', domain: {}, message })).toMatch(/deeper/);
  });
});

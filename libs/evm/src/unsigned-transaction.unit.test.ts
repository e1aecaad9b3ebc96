import { Invalid } from '@quorate/platform';
import { encodeRlp, Transaction, Wallet } from 'ethers';
import fc from 'fast-check';

import { attachSignature } from './signed-transaction';
import {
  decodeUnsignedTransaction,
  encodeUnsignedTransaction,
  maxChainId,
  maxTransactionBytes,
} from './unsigned-transaction';

const to = '0x3535353535353535353535353535353535353535';
const typed = (fields: object) =>
  Transaction.from({ to, value: 1n, gasLimit: 21_000n, nonce: 3, chainId: 31337n, ...fields });

function refusal(hex: string): string {
  try {
    decodeUnsignedTransaction(hex);
  } catch (error) {
    if (error instanceof Invalid) return error.message;
    throw error;
  }
  throw new Error('was accepted');
}

describe('the example of EIP-155', () => {
  const unsigned =
    '0xec098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080018080';

  it('has the published signing hash', () => {
    expect(decodeUnsignedTransaction(unsigned)).toMatchObject({
      type: 0,
      chainId: 1n,
      nonce: 9,
      to,
      value: 10n ** 18n,
      data: '0x',
      gasLimit: 21_000n,
      maxFeePerGas: 20n * 10n ** 9n,
      digest: '0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53',
    });
  });

  it('becomes the published signed transaction', () => {
    const signature = {
      r: '0x28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276',
      s: '0x67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
      yParity: 0,
    } as const;
    const signed = attachSignature(unsigned, signature);
    expect(signed.raw).toBe(
      '0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
    );
    expect(signed.from).toBe('0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f');
  });
});

describe('attachSignature', () => {
  const wallet = new Wallet(`0x${'17'.repeat(32)}`);
  const fees = { maxFeePerGas: 9n, maxPriorityFeePerGas: 2n };
  const accessList = [{ address: to, storageKeys: [`0x${'ab'.repeat(32)}`] }];

  it.each([
    ['type 0', { type: 0, gasPrice: 7n }],
    ['type 1', { type: 1, gasPrice: 7n, accessList }],
    ['type 2', { type: 2, ...fees }],
    ['type 2 without recipient, nonce 0', { type: 2, ...fees, to: null, nonce: 0, data: '0x6000' }],
    ['a list of 300 bytes', { type: 2, ...fees, data: `0x${'ef'.repeat(300)}` }],
    ['a list of 70,000 bytes', { type: 2, ...fees, data: `0x${'ef'.repeat(70_000)}` }],
  ])('agrees with ethers on %s', (_, fields) => {
    const transaction = typed(fields);
    const { unsignedSerialized, unsignedHash } = transaction;
    transaction.signature = wallet.signingKey.sign(unsignedHash);
    const { r, s, yParity } = transaction.signature;
    expect(attachSignature(unsignedSerialized, { r, s, yParity })).toEqual({
      raw: transaction.serialized,
      hash: transaction.hash,
      from: wallet.address.toLowerCase(),
    });
  });

  it('agrees with ethers when r or s begin with zeros', () => {
    const shortest = new Set<number>();
    for (let nonce = 0; nonce < 600; nonce += 1) {
      const transaction = typed({ type: 2, ...fees, nonce });
      const { r, s, yParity } = wallet.signingKey.sign(transaction.unsignedHash);
      if (!r.startsWith('0x00') && !s.startsWith('0x00')) continue;
      shortest.add(r.startsWith('0x00') ? 0 : 1);
      const { raw } = attachSignature(transaction.unsignedSerialized, { r, s, yParity });
      transaction.signature = { r, s, yParity };
      expect(raw).toBe(transaction.serialized);
    }
    expect(shortest.size).toBe(2);
  });
});

describe('decodeUnsignedTransaction', () => {
  it.each([
    ['type 0', typed({ type: 0, gasPrice: 7n })],
    [
      'type 1',
      typed({ type: 1, gasPrice: 7n, accessList: [{ address: to, storageKeys: [`0x${'ab'.repeat(32)}`] }] }),
    ],
    ['type 2', typed({ type: 2, maxFeePerGas: 9n, maxPriorityFeePerGas: 2n, data: '0xdeadbeef' })],
    [
      'a contract creation',
      typed({ type: 2, to: null, maxFeePerGas: 9n, maxPriorityFeePerGas: 2n, data: '0x6000' }),
    ],
    ['the largest chain id', typed({ type: 0, gasPrice: 7n, chainId: maxChainId })],
    ['the largest value', typed({ type: 2, maxFeePerGas: 9n, value: 2n ** 256n - 1n })],
  ])('agrees with ethers on %s', (_, transaction) => {
    const decoded = decodeUnsignedTransaction(transaction.unsignedSerialized);
    expect(decoded.digest).toBe(transaction.unsignedHash);
    expect(decoded.unsigned).toBe(transaction.unsignedSerialized);
    expect(decoded.to).toBe(transaction.to?.toLowerCase() ?? null);
    expect(decoded.value).toBe(transaction.value);
  });

  it.each([
    ['addresses', 250, 1_100],
    ['keys', 750, 3_500],
  ])('takes an access list of %2$i %1$s, and refuses %3$i before it is decoded', (kind, some, many) => {
    const listOf = (count: number) => {
      const hex = (n: number, bytes: number) => `0x${n.toString(16).padStart(2 * bytes, '0')}`;
      const numbers = Array.from({ length: count }, (_, n) => n);
      const accessList =
        kind === 'addresses'
          ? numbers.map((n) => ({ address: hex(n, 20), storageKeys: [] }))
          : [{ address: to, storageKeys: numbers.map((n) => hex(n, 32)) }];
      return typed({ type: 2, maxFeePerGas: 9n, accessList }).unsignedSerialized;
    };
    expect(decodeUnsignedTransaction(listOf(some)).accessList).toHaveLength(kind === 'keys' ? 1 : some);
    const unsigned = listOf(many);
    const decode = jest.spyOn(Transaction, 'from');
    expect(() => decodeUnsignedTransaction(unsigned)).toThrow(/more than 800 fields and entries/);
    expect(() => decodeUnsignedTransaction(`0xf9ffff${'c0'.repeat(2_000)}`)).toThrow(/more than 800/);
    expect(decode).not.toHaveBeenCalled();
    decode.mockRestore();
  });

  it('reads upper-case hex as the same transaction', () => {
    const hex = typed({ type: 2, maxFeePerGas: 9n }).unsignedSerialized;
    expect(decodeUnsignedTransaction(`0x${hex.slice(2).toUpperCase()}`).unsigned).toBe(hex);
  });

  const fields = ['0x7a69', '0x03', '0x02', '0x09', '0x5208', to, '0x01', '0x', []] as const;
  const type2 = (...changed: [number, string | object[]][]) => {
    const copy: unknown[] = [...fields];
    for (const [at, value] of changed) copy[at] = value;
    return `0x02${encodeRlp(copy as string[]).slice(2)}`;
  };

  it.each([
    ['no hex', '0xzz', /hex digits/],
    ['an odd number of digits', '0x02f', /hex digits/],
    ['nothing', '0x', /hex digits/],
    ['too many bytes', `0x02${'00'.repeat(maxTransactionBytes)}`, /shorten/],
    ['trailing bytes', `${type2()}00`, /decoded|canonical/],
    ['a padded number', type2([6, '0x0001']), /canonical/],
    ['a number of zero as a byte', type2([6, '0x00']), /canonical/],
    ['a long length where a short one does', `0x02f8${type2().slice(4)}`, /decoded|canonical/],
    ['a value over 256 bits', type2([6, `0x01${'00'.repeat(32)}`]), /decoded/],
    ['a nonce that no chain takes', type2([1, '0xffffffffffffffff']), /decoded/],
    ['gas over 64 bits', type2([4, '0x010000000000000000']), /lower it/],
    ['a tip above the fee', type2([2, '0x0a']), /decoded|priority/],
    ['chain id zero', type2([0, '0x']), /chain id/],
    ['a chain id over the limit of EIP-2294', type2([0, `0x${(maxChainId + 1n).toString(16)}`]), /EIP-2294/],
    ['a short address', type2([5, '0x3535']), /decoded/],
    ['an access list that is none', type2([8, '0x01']), /decoded/],
    ['too few fields', `0x02${encodeRlp(['0x01', '0x02']).slice(2)}`, /decoded/],
    ['deep nesting', `0x02${'c1'.repeat(60)}c0`, /decoded/],
    ['very deep nesting', nested(20_000), /more than 800/],
    [
      'a legacy transaction without chain id',
      encodeRlp(['0x', '0x07', '0x5208', to, '0x', '0x']),
      /chain id/,
    ],
    ['a blob transaction', '0x03c0', /type 3/],
    ['a code-setting transaction', '0x04c0', /type 4/],
    ['an unknown type', '0x64c0', /type 100/],
  ])('refuses %s and says what to change', (_, hex, reason) => {
    expect(refusal(hex)).toMatch(reason);
  });

  it('refuses a signed transaction of each type', async () => {
    const wallet = new Wallet(`0x${'46'.repeat(32)}`);
    for (const fees of [
      { type: 0, gasPrice: 7n },
      { type: 1, gasPrice: 7n },
      { type: 2, maxFeePerGas: 7n },
    ]) {
      const signed = await wallet.signTransaction({ to, gasLimit: 21_000n, nonce: 1, chainId: 1n, ...fees });
      expect(refusal(signed)).toMatch(/already signed/);
    }
  });
});

describe('encodeUnsignedTransaction', () => {
  const fields = {
    ...{ chainId: 31337n, nonce: 3, to, value: 1n, data: '0x', gasLimit: 21_000n },
    ...{ maxFeePerGas: 9n, maxPriorityFeePerGas: 2n },
  };

  it('writes what ethers writes', () => {
    const hex = (most: number) =>
      fc.uint8Array({ maxLength: most }).map((bytes) => Buffer.from(bytes).toString('hex'));
    const amount = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n });
    const small = fc.bigInt({ min: 0n, max: 300n });
    const any = fc.record({
      chainId: fc.bigInt({ min: 1n, max: maxChainId }),
      nonce: fc.oneof(fc.nat(300), fc.maxSafeNat()),
      to: fc.option(
        fc.uint8Array({ minLength: 20, maxLength: 20 }).map((b) => `0x${Buffer.from(b).toString('hex')}`),
      ),
      value: fc.oneof(small, amount),
      data: hex(400).map((digits) => `0x${digits}`),
      gasLimit: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      fees: fc.tuple(fc.oneof(small, amount), fc.oneof(small, amount)),
    });
    fc.assert(
      fc.property(any, ({ fees: [one, other], ...rest }) => {
        const [maxPriorityFeePerGas, maxFeePerGas] = one < other ? [one, other] : [other, one];
        const chosen = { ...rest, maxFeePerGas, maxPriorityFeePerGas };
        const { unsignedSerialized } = Transaction.from({ ...chosen, type: 2, accessList: [] });
        expect(encodeUnsignedTransaction(chosen)).toEqual(decodeUnsignedTransaction(unsignedSerialized));
      }),
    );
  });

  it('takes addresses with a right checksum, and data in capitals', () => {
    const mixed = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed';
    expect(encodeUnsignedTransaction({ ...fields, to: mixed, data: '0xAB' })).toMatchObject({
      ...{ to: mixed.toLowerCase(), data: '0xab' },
    });
  });

  it('writes legacy transactions, too', () => {
    const { chainId, nonce, value, gasLimit } = fields;
    expect(encodeUnsignedTransaction({ chainId, nonce, to, value, gasLimit, gasPrice: 9n })).toMatchObject({
      ...{ type: 0, data: '0x', maxFeePerGas: 9n },
    });
  });

  it.each([
    ['a value of 257 bits', { value: 2n ** 256n }],
    ['a negative value', { value: -1n }],
    ['a nonce that is no safe integer', { nonce: 2 ** 53 }],
    ['no chain', { chainId: 0n }],
    ['a chain id that overflows', { chainId: maxChainId + 1n }],
    ['gas above 64 bits', { gasLimit: 2n ** 64n }],
    ['a tip above the fee', { maxPriorityFeePerGas: 10n }],
    ['a short recipient', { to: '0x35' }],
    ['a wrong checksum', { to: '0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed' }],
    ['half a byte of data', { data: '0xabc' }],
    ['more than the pools take', { data: `0x${'00'.repeat(maxTransactionBytes)}` }],
    ['a price and two fees', { gasPrice: 1n }],
  ])('refuses %s', (_, change) => {
    expect(() => encodeUnsignedTransaction({ ...fields, ...change })).toThrow(Invalid);
  });
});

/** A list in a list in a list, with correct lengths. */
function nested(depth: number): string {
  let inner = Buffer.from([0xc0]);
  const heads: Buffer[] = [];
  let length = 1;
  for (let i = 0; i < depth; i++) {
    const head = length < 56 ? Buffer.from([0xc0 + length]) : longHead(length);
    heads.push(head);
    length += head.length;
  }
  inner = Buffer.concat([...heads.reverse(), inner]);
  return `0x02${inner.toString('hex')}`;
}

function longHead(length: number): Buffer {
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0xf7 + bytes.length]), bytes]);
}

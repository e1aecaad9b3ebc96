import { Invalid } from '@quorate/platform';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { hashMessage, Wallet } from 'ethers';

import { addressOf, recoverAddress } from './address';
import { payloadDigest } from './payload-digest';
import { maxMessageBytes } from './personal-message';
import { attachSignature } from './signed-transaction';
import { encodeUnsignedTransaction } from './unsigned-transaction';

const privateKey = Buffer.from('46'.repeat(32), 'hex');
const address = '0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f';
const publicKey = `0x${Buffer.from(secp256k1.getPublicKey(privateKey)).toString('hex')}`;

function sign(digest: string) {
  const bytes = secp256k1.sign(Buffer.from(digest.slice(2), 'hex'), privateKey, {
    prehash: false,
    format: 'recovered',
  });
  const hex = Buffer.from(bytes).toString('hex');
  return {
    yParity: bytes[0] === 1 ? (1 as const) : (0 as const),
    r: `0x${hex.slice(2, 66)}`,
    s: `0x${hex.slice(66)}`,
  };
}

describe('payloadDigest', () => {
  it('hashes personal messages as wallets do', () => {
    expect(payloadDigest({ kind: 'eip191', message: '0x68656c6c6f' })).toBe(
      '0x50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750',
    );
    expect(payloadDigest({ kind: 'eip191', message: '0x' })).toBe(hashMessage(''));
  });

  it('passes a raw digest through', () => {
    const digest = `0x${'ab'.repeat(32)}`;
    expect(payloadDigest({ kind: 'digest', digest })).toBe(digest);
  });

  it.each([
    { kind: 'digest' as const, digest: '0xab' },
    { kind: 'digest' as const, digest: `0x${'00'.repeat(32)}` },
    { kind: 'digest' as const, digest: `0x${secp256k1.Point.Fn.ORDER.toString(16)}` },
    { kind: 'digest' as const, digest: `0x${'AB'.repeat(32)}` },
    { kind: 'eip191' as const, message: 'hello' },
    { kind: 'eip191' as const, message: `0x${'00'.repeat(maxMessageBytes + 1)}` },
    { kind: 'bytes' as const },
  ])('refuses %o', (payload) => {
    expect(() => payloadDigest(payload)).toThrow(Invalid);
  });
});

describe('addressOf', () => {
  it('is the address that the private key has', () => {
    expect(addressOf(publicKey)).toBe(address);
    expect(addressOf(Buffer.from(publicKey.slice(2), 'hex'))).toBe(address);
  });

  it.each([`0x02${'ff'.repeat(32)}`, '0x02', `0x04${'11'.repeat(64)}`])('refuses %s', (key) => {
    expect(() => addressOf(key)).toThrow(Invalid);
  });
});

describe('signatures', () => {
  const transaction = encodeUnsignedTransaction({
    chainId: 31337n,
    nonce: 5,
    to: address,
    value: 3n,
    gasLimit: 21_000n,
    maxFeePerGas: 9n,
    maxPriorityFeePerGas: 1n,
  });

  it('make the same raw transaction as a wallet with the key', async () => {
    const signed = attachSignature(transaction.unsigned, sign(transaction.digest));
    const wallet = new Wallet(`0x${privateKey.toString('hex')}`);
    const expected = await wallet.signTransaction({
      type: 2,
      chainId: 31337n,
      nonce: 5,
      to: address,
      value: 3n,
      gasLimit: 21_000n,
      maxFeePerGas: 9n,
      maxPriorityFeePerGas: 1n,
    });
    expect(signed).toMatchObject({ raw: expected, from: address });
    expect(recoverAddress(transaction.digest, sign(transaction.digest))).toBe(address);
  });

  it('are refused with a high s, a zero, a wrong length or parity', () => {
    const good = sign(transaction.digest);
    const order = secp256k1.Point.Fn.ORDER;
    const high = `0x${(order - BigInt(good.s)).toString(16).padStart(64, '0')}`;
    const zero = `0x${'00'.repeat(32)}`;
    for (const bad of [
      { ...good, s: high },
      { ...good, r: zero },
      { ...good, s: zero },
      { ...good, r: '0x01' },
    ]) {
      expect(() => recoverAddress(transaction.digest, bad)).toThrow(Invalid);
      expect(() => attachSignature(transaction.unsigned, bad)).toThrow(Invalid);
    }
    const parity: unknown = 2;
    expect(() => recoverAddress(transaction.digest, { ...good, yParity: parity as 0 })).toThrow(Invalid);
  });
});

/** From an unsigned transaction and a signature to what goes to a chain. */
import { Invalid } from '@quorate/platform';
import { keccak256, Transaction } from 'ethers';

import { checkedSignature, recoverAddress, type EcdsaSignature } from './address';
import { type Call } from './json-rpc-endpoint';
import { decodeUnsignedTransaction } from './unsigned-transaction';

/** `raw` is what eth_sendRawTransaction takes; `hash` and `from` are what the chain will show (lower-case 0x-hex). */
export interface SignedTransaction {
  raw: string;
  hash: string;
  from: string;
}

/**
 * Puts a signature on an unsigned transaction (0x-hex).
 *
 * @throws Invalid when either is malformed or the signature recovers to nothing.
 */
export function attachSignature(unsigned: string, signature: EcdsaSignature): SignedTransaction {
  const transaction = decodeUnsignedTransaction(unsigned);
  const checked = checkedSignature(signature);
  const from = recoverAddress(transaction.digest, signature);
  const raw =
    transaction.type === 0
      ? withChainId(transaction.unsigned, checked)
      : `0x${appendSignature(Buffer.from(transaction.unsigned.slice(2), 'hex'), signature).toString('hex')}`;
  return { raw, hash: keccak256(raw), from };
}

/**
 * What a signed transaction (0x-hex) asks for, so that it can be tried out.
 *
 * @param from its sender.
 * @throws Invalid when it has no recipient: nothing of this project makes contracts.
 */
export function callOf(raw: string, from: string): Call {
  const { to, value, data, gasLimit } = Transaction.from(raw);
  if (to === null) throw new Invalid('invalid', 'The transaction has no recipient.');
  return { from, to: to.toLowerCase(), value, data, gas: gasLimit };
}

/** EIP-155: v holds the chain id. */
function withChainId(unsigned: string, signature: NonNullable<Transaction['signature']>): string {
  const transaction = Transaction.from(unsigned);
  transaction.signature = signature;
  return transaction.serialized;
}

/** EIP-2718: the same list after the type, with three more items: the parity, r and s. */
function appendSignature(unsigned: Buffer, { yParity, r, s }: EcdsaSignature): Buffer {
  const items = unsigned.subarray(1 + listHeaderLength(unsigned.readUInt8(1)));
  const signature = [Buffer.from([yParity === 0 ? 0x80 : 1]), integer(r), integer(s)];
  const length = signature.reduce((sum, item) => sum + item.length, items.length);
  return Buffer.concat([unsigned.subarray(0, 1), listHeader(length), items, ...signature]);
}

/** RLP: from 0xf8 on the first byte says how many bytes of length follow. */
function listHeaderLength(first: number): number {
  return first <= 0xf7 ? 1 : 1 + first - 0xf7;
}

function listHeader(length: number): Buffer {
  if (length <= 55) return Buffer.from([0xc0 + length]);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
  return Buffer.concat([Buffer.from([0xf7 + bytes.length]), bytes]);
}

/** RLP of an integer that is not 0, given as 32 bytes: without leading zeros. */
function integer(word: string): Buffer {
  const bytes = Buffer.from(word.slice(2).replace(/^(?:00)+/, ''), 'hex');
  return bytes.length === 1 && bytes.readUInt8() < 0x80
    ? bytes
    : Buffer.concat([Buffer.from([0x80 + bytes.length]), bytes]);
}

/** From an unsigned transaction and a signature to what goes to a chain. */
import { Invalid } from '@quorate/platform';
import { keccak256, Signature, Transaction } from 'ethers';

import { recoverAddress, type EcdsaSignature } from './address';
import { type Call } from './json-rpc-endpoint';
import { keccakHex } from './keccak-hex';
import { rlpInteger, rlpList } from './rlp';
import { decodeUnsignedTransaction } from './unsigned-transaction';

/** `raw` is what eth_sendRawTransaction takes; `hash` and `from` are what the chain will show (lower-case 0x-hex). */
export interface SignedTransaction {
  raw: string;
  hash: string;
  from: string;
}

/** Type 1 or 2, with its list. */
const isTyped = /^0x0[12](?:[0-9a-f]{2})+$/;

/**
 * Puts a signature on an unsigned transaction (0x-hex), in the form in which it was made or read here: who else would
 * have had other bytes signed finds that the signature recovers to another address.
 *
 * @throws Invalid when either is malformed or the signature recovers to nothing.
 */
export function attachSignature(unsigned: string, signature: EcdsaSignature): SignedTransaction {
  if (!isTyped.test(unsigned)) {
    const { digest, unsigned: legacy } = decodeUnsignedTransaction(unsigned);
    const from = recoverAddress(digest, signature);
    const raw = withChainId(legacy, Signature.from(signature));
    return { raw, hash: keccak256(raw), from };
  }
  const bytes = Buffer.from(unsigned.slice(2), 'hex');
  const from = recoverAddress(keccakHex(bytes), signature);
  const signed = appendSignature(bytes, signature);
  return { raw: `0x${signed.toString('hex')}`, hash: keccakHex(signed), from };
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
function withChainId(unsigned: string, signature: Signature): string {
  const transaction = Transaction.from(unsigned);
  transaction.signature = signature;
  return transaction.serialized;
}

/** EIP-2718: the same list after the type, with three more items: the parity, r and s. */
function appendSignature(unsigned: Buffer, { yParity, r, s }: EcdsaSignature): Buffer {
  const items = unsigned.subarray(1 + listHeaderLength(unsigned.readUInt8(1)));
  const signature = [BigInt(yParity), BigInt(r), BigInt(s)].map(rlpInteger);
  return Buffer.concat([unsigned.subarray(0, 1), rlpList([items, ...signature])]);
}

/** RLP: from 0xf8 on the first byte says how many bytes of length follow. */
function listHeaderLength(first: number): number {
  return first <= 0xf7 ? 1 : 1 + first - 0xf7;
}

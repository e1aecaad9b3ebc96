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
  const transaction = Transaction.from(decodeUnsignedTransaction(unsigned).unsigned);
  transaction.signature = checkedSignature(signature);
  const from = recoverAddress(transaction.unsignedHash, signature);
  return { raw: transaction.serialized, hash: keccak256(transaction.serialized), from };
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

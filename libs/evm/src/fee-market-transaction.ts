/** Writing fee-market transactions (EIP-1559): many in a second, so without the objects of ethers. */
import { Invalid } from '@quorate/platform';
import { getAddress } from 'ethers';

import { keccakHex } from './keccak-hex';
import { rlpBytes, rlpInteger, rlpList } from './rlp';

/** Amounts in wei, `to` and `data` in 0x-hex; a transaction without `to` makes a contract. */
export interface FeeMarketFields {
  chainId: bigint;
  nonce: number;
  to: string | null;
  value: bigint;
  data: string;
  gasLimit: bigint;
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
}

const TYPE = Buffer.of(2);
const EMPTY_LIST = rlpList([]);
const largest = 2n ** 256n - 1n;

/**
 * The unsigned serialisation with an empty access list, and its digest (both 0x-hex).
 *
 * @throws Invalid when a number is negative or has more than 256 bits, or `to` or `data` are malformed.
 */
export function serialiseFeeMarket(fields: FeeMarketFields): { unsigned: string; digest: string } {
  const { chainId, nonce, to, value, data, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = fields;
  if (!Number.isSafeInteger(nonce)) throw new Invalid('invalid', `The nonce ${nonce} is not a safe integer.`);
  const list = rlpList([
    ...[chainId, BigInt(nonce), maxPriorityFeePerGas, maxFeePerGas, gasLimit].map(integer),
    ...[rlpBytes(recipient(to)), integer(value), rlpBytes(payload(data)), EMPTY_LIST],
  ]);
  const bytes = Buffer.concat([TYPE, list]);
  return { unsigned: `0x${bytes.toString('hex')}`, digest: keccakHex(bytes) };
}

function integer(value: bigint): Buffer {
  if (value < 0n || value > largest)
    throw new Invalid('invalid', `The number ${value} is negative or has more than 256 bits.`);
  return rlpInteger(value);
}

function recipient(to: string | null): Buffer {
  if (to === null) return Buffer.alloc(0);
  // Of one case it has no checksum (ERC-55) that could be wrong.
  const address = /^0x[0-9a-f]{40}$/.test(to) ? to : checkedAddress(to);
  return Buffer.from(address.slice(2), 'hex');
}

function checkedAddress(to: string): string {
  try {
    return getAddress(to);
  } catch {
    throw new Invalid('invalid', 'The recipient is not an address, or its checksum (ERC-55) is wrong.');
  }
}

function payload(data: string): Buffer {
  if (!/^0x(?:[0-9a-fA-F]{2})*$/.test(data))
    throw new Invalid('invalid', 'The data must be 0x followed by an even number of hex digits.');
  return Buffer.from(data.slice(2), 'hex');
}

/**
 * Unsigned Ethereum transactions: legacy with replay protection (EIP-155), access-list (EIP-2930) and fee-market
 * (EIP-1559), read strictly. What is accepted here is what gets signed, so every accepted byte string has exactly one
 * meaning: it must be equal to its own re-serialisation.
 */
import { Invalid } from '@quorate/platform';
import { getBigInt, getNumber, Transaction, type TransactionLike } from 'ethers';

import { type FeeMarketFields, serialiseFeeMarket } from './fee-market-transaction';
import { keccakHex } from './keccak-hex';
import { countRlpItems } from './rlp';

/** Bytes; above the 128 KiB pool limit of the common clients a transaction could not be broadcast anyway. */
export const maxTransactionBytes = 131_072;
/** Strings and lists of the encoding: some 250 addresses of an access list, or 750 of its keys. ethers' time for them is quadratic. */
const maxItems = 800;
/** EIP-2294: larger chain ids overflow `v` in a signed legacy transaction. */
export const maxChainId = (2n ** 64n - 1n) / 2n - 36n;
const maxGas = 2n ** 64n - 1n;

/** One entry of an access list (EIP-2930); hex in lower case. */
export interface AccessListEntry {
  address: string;
  storageKeys: string[];
}

/**
 * A decoded unsigned transaction. Amounts in wei, addresses, data and digest in lower-case 0x-hex; `to` is null for a
 * contract creation. For types 0 and 1 both fees are the gas price.
 */
export interface UnsignedTransaction extends FeeMarketFields {
  type: 0 | 1 | 2;
  accessList: AccessListEntry[];
  /** keccak256 of the serialisation: what is signed. */
  digest: string;
  /** The serialisation itself. */
  unsigned: string;
}

/**
 * Decodes an unsigned transaction from 0x-hex.
 *
 * @throws Invalid when it is malformed, signed, of another type, not canonical, or carries values that no chain takes.
 */
export function decodeUnsignedTransaction(hex: string): UnsignedTransaction {
  const unsigned = checkedHex(hex);
  const parsed = parse(unsigned);
  if (parsed.signature !== null) throw invalid('is already signed: send its unsigned serialisation');
  const type = supportedType(parsed.type);
  const maxFeePerGas = type === 2 ? parsed.maxFeePerGas : parsed.gasPrice;
  const maxPriorityFeePerGas = type === 2 ? parsed.maxPriorityFeePerGas : parsed.gasPrice;
  if (maxFeePerGas === null || maxPriorityFeePerGas === null) throw invalid('has no fee: set its fee fields');
  const { chainId, gasLimit } = parsed;
  checkLimits({ chainId, gasLimit, maxFeePerGas, maxPriorityFeePerGas });
  if (reserialised(parsed) !== unsigned) {
    throw invalid(
      'is not in canonical form (trailing bytes, padded numbers or long lengths): serialise it again',
    );
  }
  return {
    type,
    chainId,
    nonce: parsed.nonce,
    to: parsed.to === null ? null : parsed.to.toLowerCase(),
    value: parsed.value,
    data: parsed.data,
    gasLimit,
    maxFeePerGas,
    maxPriorityFeePerGas,
    accessList: accessListOf(parsed),
    digest: keccakHex(Buffer.from(unsigned.slice(2), 'hex')),
    unsigned,
  };
}

/**
 * Serialises a fee-market transaction (EIP-1559) with an empty access list, unsigned; with `gasPrice` instead of the two
 * fees a legacy one (EIP-155).
 *
 * @throws Invalid when a field is out of range.
 */
export function encodeUnsignedTransaction(
  fields: Omit<TransactionLike, 'type' | 'accessList' | 'signature'>,
): UnsignedTransaction {
  try {
    return fields.gasPrice === undefined
      ? encodeFeeMarket(feeMarketFields(fields))
      : decodeUnsignedTransaction(Transaction.from({ ...fields, type: 0 }).unsignedSerialized);
  } catch (error) {
    if (error instanceof Invalid) throw error;
    throw invalid(`cannot be serialised: ${shortMessage(error)}`);
  }
}

/** What is missing is nothing, as ethers reads it. */
function feeMarketFields(fields: Omit<TransactionLike, 'type'>): FeeMarketFields {
  const { chainId, nonce, to, value, data, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = fields;
  return {
    chainId: getBigInt(chainId ?? 0n),
    nonce: getNumber(nonce ?? 0),
    to: to ?? null,
    value: getBigInt(value ?? 0n),
    data: data ?? '0x',
    gasLimit: getBigInt(gasLimit ?? 0n),
    maxFeePerGas: getBigInt(maxFeePerGas ?? 0n),
    maxPriorityFeePerGas: getBigInt(maxPriorityFeePerGas ?? 0n),
  };
}

function encodeFeeMarket(fields: FeeMarketFields): UnsignedTransaction {
  checkLimits(fields);
  const { unsigned, digest } = serialiseFeeMarket(fields);
  if (unsigned.length > 2 + 2 * maxTransactionBytes) throw tooLong();
  const to = fields.to?.toLowerCase() ?? null;
  const data = fields.data.toLowerCase();
  return { type: 2, ...fields, to, data, accessList: [], digest, unsigned };
}

/** What no chain takes, whatever the encoding. */
function checkLimits({
  chainId,
  gasLimit,
  maxFeePerGas,
  maxPriorityFeePerGas,
}: Pick<FeeMarketFields, 'chainId' | 'gasLimit' | 'maxFeePerGas' | 'maxPriorityFeePerGas'>): void {
  if (chainId === 0n) throw invalid('has no chain id: add one (EIP-155)');
  if (chainId > maxChainId) throw invalid(`has a chain id above ${maxChainId} (EIP-2294): correct it`);
  if (gasLimit > maxGas) throw invalid('has a gas limit above 64 bits: lower it');
  if (maxPriorityFeePerGas > maxFeePerGas) {
    throw invalid('has maxPriorityFeePerGas above maxFeePerGas: lower the priority fee');
  }
}

function checkedHex(hex: string): string {
  if (typeof hex !== 'string' || !/^0x(?:[0-9a-fA-F]{2})+$/.test(hex)) {
    throw invalid('must be 0x followed by an even number of hex digits');
  }
  if (hex.length > 2 + 2 * maxTransactionBytes) {
    throw tooLong();
  }
  return hex.toLowerCase();
}

function parse(hex: string): Transaction {
  const first = Number.parseInt(hex.slice(2, 4), 16);
  if (first < 0x7f && first !== 1 && first !== 2) {
    throw invalid(`is of type ${first}: use type 0 (with chain id), 1 or 2`);
  }
  const envelope = Buffer.from(hex.slice(2), 'hex').subarray(first === 1 || first === 2 ? 1 : 0);
  if (countRlpItems(envelope, maxItems) > maxItems) {
    throw invalid(`has more than ${maxItems} fields and entries: shorten its access list`);
  }
  try {
    return Transaction.from(hex);
  } catch (error) {
    throw invalid(`cannot be decoded: ${shortMessage(error)}`);
  }
}

function supportedType(type: number | null): 0 | 1 | 2 {
  if (type === 0 || type === 1 || type === 2) return type;
  throw invalid(`is of type ${type ?? 'unknown'}: use type 0 (with chain id), 1 or 2`);
}

function reserialised(transaction: Transaction): string {
  try {
    return transaction.unsignedSerialized;
  } catch (error) {
    throw invalid(`cannot be serialised again: ${shortMessage(error)}`);
  }
}

function accessListOf(transaction: Transaction): AccessListEntry[] {
  return (transaction.accessList ?? []).map((entry) => ({
    address: entry.address.toLowerCase(),
    storageKeys: entry.storageKeys.map((key) => key.toLowerCase()),
  }));
}

/** ethers appends the whole offending value to its messages; only the sentence helps the sender. */
function shortMessage(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error';
  const sentence =
    'shortMessage' in error && typeof error.shortMessage === 'string' ? error.shortMessage : error.message;
  return sentence.slice(0, 200);
}

function tooLong(): Invalid {
  return invalid(`is longer than ${maxTransactionBytes} bytes: shorten its data`);
}

function invalid(what: string): Invalid {
  return new Invalid('invalid', `The unsigned transaction ${what}.`);
}

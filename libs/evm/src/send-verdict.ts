/**
 * What the answer to eth_sendRawTransaction says about the transaction. Only a known text of a JSON-RPC error is a
 * verdict; everything else means "maybe sent", because a node may have taken the bytes before the answer was lost.
 */
import { isError } from 'ethers';

/**
 * `accepted`: the node has it. `known`: it had it already. `nonce-used`: some transaction with this nonce was mined,
 * perhaps this one. `rejected`: this node does not have it, for `reason`. `ambiguous`: maybe sent.
 */
export type SendVerdict =
  | { kind: 'accepted' | 'known' }
  | { kind: 'nonce-used' | 'ambiguous'; message: string }
  | { kind: 'rejected'; reason: Rejection; message: string };

export type Rejection =
  | 'fee-below-base'
  | 'underpriced'
  | 'replacement-underpriced'
  | 'insufficient-funds'
  | 'intrinsic-gas'
  | 'gas-above-block-limit'
  | 'fee-cap'
  | 'pool-full'
  | 'nonce-too-high'
  | 'wrong-chain'
  | 'not-allowed'
  | 'too-large';

const knownTexts = [/already (?:known|imported|exists)/i, /known transaction/i, /alreadyknown/i];
const nonceUsedTexts = [/nonce (?:is )?too low/i, /noncetoolow/i, /oldnonce/i];
/** Texts of geth, erigon, reth, nethermind, besu and anvil. */
const rejectionTexts: [Rejection, RegExp][] = [
  ['fee-below-base', /less than block base fee|feetoolowtocompete|max fee per gas less/i],
  [
    'replacement-underpriced',
    /replacement transaction underpriced|replacementnotallowed|replacement.*underpriced/i,
  ],
  ['underpriced', /transaction underpriced|gas price (?:below|too low)|feetoolow/i],
  [
    'insufficient-funds',
    /insufficient funds|insufficientfunds|upfront cost exceeds|insufficient (?:sender )?balance/i,
  ],
  ['intrinsic-gas', /intrinsic gas|gaslimittoolow|floor data gas/i],
  [
    'gas-above-block-limit',
    /exceeds block gas limit|exceeds_block_gas_limit|gas limit too high|gaslimitexceeded/i,
  ],
  ['fee-cap', /exceeds the configured cap/i],
  ['pool-full', /txpool is (?:full|overflow)|transaction pool (?:is )?full/i],
  ['nonce-too-high', /nonce too high|noncegap|nonce.*gap/i],
  ['wrong-chain', /invalid chain ?id|wrong chain|invalid sender/i],
  ['not-allowed', /transaction type not supported|rejected by policy|unauthorized sender/i],
  ['too-large', /oversized data|max initcode size|exceeds max/i],
];

/** Reads what `provider.send` returned; `hash` is our own computation of the transaction hash. */
export function verdictOfResult(result: unknown, hash: string): SendVerdict {
  if (typeof result === 'string' && result.toLowerCase() === hash) return { kind: 'accepted' };
  return {
    kind: 'ambiguous',
    message: `the node answered ${String(JSON.stringify(result)).slice(0, 80)} instead of the hash`,
  };
}

/** Reads what `provider.send` threw. */
export function verdictOfError(error: unknown): SendVerdict {
  const message = rpcErrorMessage(error);
  if (message === undefined) return { kind: 'ambiguous', message: transportMessage(error) };
  if (knownTexts.some((text) => text.test(message))) return { kind: 'known' };
  if (nonceUsedTexts.some((text) => text.test(message))) return { kind: 'nonce-used', message };
  const rejection = rejectionTexts.find(([, text]) => text.test(message));
  if (rejection === undefined) return { kind: 'ambiguous', message };
  return { kind: 'rejected', reason: rejection[0], message };
}

/** The text of the JSON-RPC error inside an ethers error, wherever ethers puts it; undefined for transport errors. */
export function rpcErrorMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const direct = 'error' in error ? error.error : undefined;
  const info = 'info' in error && isRecord(error.info) ? error.info.error : undefined;
  for (const candidate of [direct, info]) {
    if (isRecord(candidate) && 'code' in candidate && typeof candidate.message === 'string') {
      return candidate.message.slice(0, 300);
    }
  }
  return undefined;
}

/** A transport error in a few words, without URLs (they may carry keys). */
export function transportMessage(error: unknown): string {
  if (isError(error, 'TIMEOUT')) return 'timeout';
  if (isError(error, 'SERVER_ERROR')) return 'server error';
  const code = isRecord(error) && typeof error.code === 'string' ? error.code : 'unknown error';
  return code.slice(0, 80);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** How endpoints say that they do not have a method: by code (EIP-1474, JSON-RPC 2.0 section 5.1), or in words only. */
import { rpcErrorMessage } from './send-verdict';

/** Method not found; method not supported (EIP-1474); method not enabled (besu). */
const codes = new Set<unknown>([-32601, -32004, -32604]);

/** One row for each way to put it. */
export const missingMethodTexts: readonly (readonly [client: string, pattern: RegExp, example: string])[] = [
  [
    'geth',
    /^the method .* does not exist/i,
    'the method eth_getBlockReceipts does not exist/is not available',
  ],
  [
    'nethermind',
    /method .* is not (?:supported|enabled|found)/i,
    'The method eth_getBlockReceipts is not supported.',
  ],
  ['anvil', /^method not found/i, 'Method not found'],
  ['besu', /^method not enabled/i, 'Method not enabled'],
  [
    'gateway',
    /unsupported method|unknown method|method .* not (?:available|allowed|whitelisted)/i,
    'Unsupported method: eth_getBlockReceipts on ETH_MAINNET',
  ],
];

/** Whether a call threw because the endpoint does not have the method. */
export function isMissingMethod(thrown: unknown): boolean {
  const message = rpcErrorMessage(thrown);
  if (message === undefined) return false;
  return codes.has(codeOf(thrown)) || missingMethodTexts.some(([, pattern]) => pattern.test(message));
}

function codeOf(thrown: unknown): unknown {
  if (typeof thrown !== 'object' || thrown === null || !('error' in thrown)) return undefined;
  const { error } = thrown;
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

/**
 * What a node's error to eth_call or eth_estimateGas says about the call itself. Nodes put it in different places, and
 * answer in the same way when the trouble is their own: only what a row knows is the call's failure.
 *
 * Sources, as of 2026: go-ethereum core/vm/errors.go, internal/ethapi/errors.go and eth/gasestimator; reth
 * crates/rpc/rpc-eth-types/src/error; nethermind Nethermind.JsonRpc/Modules/Eth and Nethermind.Evm/EvmException.cs; besu
 * .../jsonrpc/internal/response/RpcErrorType.java; foundry crates/anvil/src/eth/error.rs; hardhat and ganache as users
 * report them.
 */
import { describeRevertData } from './revert-data';
import { rpcErrorMessage } from './send-verdict';
import { plainText } from './untrusted-text';

/** `reverts`: its execution fails, and nothing but gas is spent. `funds`: its sender cannot pay for it. */
export interface CallFailure {
  kind: 'reverts' | 'funds';
  /** One harmless line; what the contract said, where it did. */
  reason: string;
}

export interface CallFailureRule {
  readonly client: string;
  readonly pattern: RegExp;
  readonly means: CallFailure['kind'];
  readonly example: string;
}

type Row = readonly [client: string, pattern: RegExp, means: CallFailure['kind'], example: string];

/** The first row that matches counts: contracts may write what they like behind "reverted". One row, one line. */
// prettier-ignore
const rows: readonly Row[] = [
  ['geth', /execution reverted/i, 'reverts', 'execution reverted: ERC20: transfer amount exceeds balance'],
  ['erigon', /execution reverted/i, 'reverts', 'execution reverted'],
  ['besu', /execution (?:reverted|halted)/i, 'reverts', 'Execution reverted'],
  ['arbitrum', /execution reverted/i, 'reverts', 'execution reverted'],
  ['hardhat', /VM Exception while processing transaction|transaction reverted/i, 'reverts', "Error: VM Exception while processing transaction: reverted with reason string 'too late'"],

  ['geth', /^(?:err: )?insufficient (?:funds|balance) for/i, 'funds', 'insufficient funds for gas * price + value: address 0x336394A3219e71D9d9bd18201d34E95C1Bb7122C have 0 want 1'],
  ['reth', /^insufficient funds for/i, 'funds', 'insufficient funds for gas * price + value: have 0 want 1'],
  ['nethermind', /^insufficient sender balance/i, 'funds', 'insufficient sender balance'],
  ['besu', /^(?:transaction )?up-?front cost .*exceeds (?:transaction sender )?account balance/i, 'funds', 'transaction up-front cost 0x2a exceeds transaction sender account balance 0x0'],
  ['anvil', /^insufficient funds for/i, 'funds', 'Insufficient funds for gas * price + value'],

  ['geth', /^(?:err: )?(?:contract creation code storage )?out of gas/i, 'reverts', 'out of gas'],
  ['geth', /gas required exceeds allowance/i, 'reverts', 'gas required exceeds allowance (30000000)'],
  ['geth', /invalid jump destination|write protection|return data out of bounds|gas uint64 overflow|max call depth exceeded/i, 'reverts', 'invalid jump destination'],
  ['geth', /stack underflow|stack limit reached/i, 'reverts', 'stack underflow (0 <=> 2)'],
  ['geth', /invalid opcode/i, 'reverts', 'invalid opcode: INVALID'],
  ['geth', /intrinsic gas too low|floor data gas/i, 'reverts', 'err: intrinsic gas too low: have 21000, want 21400 (supplied gas 21000)'],
  ['reth', /gas required exceeds/i, 'reverts', 'out of gas: gas required exceeds: 30000000'],
  ['reth', /^EVM error(?!.*database)/i, 'reverts', 'EVM error: InvalidFEOpcode'],
  ['nethermind', /^VM execution error/i, 'reverts', 'VM execution error.'],
  ['nethermind', /^(?:OutOfGas|BadInstruction|StackUnderflow|StackOverflow|InvalidJumpDestination|Revert)\b/, 'reverts', 'OutOfGas'],
  ['nethermind', /gas spent exceeded transaction and block gas limit/i, 'reverts', 'Cannot estimate gas, gas spent exceeded transaction and block gas limit or transaction gas limit cap'],
  ['anvil', /^EVM error(?!.*database)/i, 'reverts', 'EVM error OutOfGas'],
  ['anvil', /gas required exceeds allowance/i, 'reverts', 'Out of gas: gas required exceeds allowance: 30000000'],
];

/** The texts that are known. */
export const callFailureTable: readonly CallFailureRule[] = rows.map(([client, pattern, means, example]) => ({
  ...{ client, pattern, means, example },
}));

/**
 * Reads what a call threw.
 *
 * @returns undefined when it does not say that the call fails: then nothing is known of the call.
 */
export function callFailureOf(thrown: unknown): CallFailure | undefined {
  const message = rpcErrorMessage(thrown);
  if (message === undefined || !isRecord(thrown) || !isRecord(thrown.error)) return undefined;
  const { error } = thrown;
  const data = revertDataOf(error.data);
  const means = callFailureTable.find(({ pattern }) => pattern.test(message))?.means;
  const reverts =
    means === 'reverts' || (error.code === executionError && data !== undefined) || isError(data);
  if (means === 'funds' || !reverts) return means && { kind: means, reason: plainText(message) };
  const told = data === undefined ? undefined : describeRevertData(data);
  if (told !== undefined) return { kind: 'reverts', reason: `execution reverted: ${told}` };
  // Some nodes give the text of the contract in the message only.
  return { kind: 'reverts', reason: plainText(message) || 'execution reverted' };
}

/** EIP-1474 has no code for it; geth's since 1.9.15, which most nodes took over. */
const executionError = 3;
/** How deep revert data lies at most: `data.originalError.data`, and so on. */
const deepest = 4;

/** The bytes (0x-hex) that a contract gave back, wherever the node put them; undefined when there are none. */
function revertDataOf(data: unknown, depth = 0): string | undefined {
  if (typeof data === 'string') return /^(?:Reverted )?(0x(?:[0-9a-f]{2})*)$/i.exec(data.trim())?.[1];
  if (!isRecord(data) || depth >= deepest) return undefined;
  for (const inner of [data.data, data.originalError, data.cause, data.result]) {
    const found = revertDataOf(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether bytes are one of the errors of Solidity, which no node makes up. */
function isError(data: string | undefined): boolean {
  return data !== undefined && /^0x(?:08c379a0|4e487b71)/i.test(data);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

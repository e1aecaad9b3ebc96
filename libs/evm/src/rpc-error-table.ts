/**
 * What the texts of JSON-RPC errors to eth_sendRawTransaction mean, by client. Texts, not codes: clients give the same
 * code for everything, and gateways change codes. Each row has a text as its client writes it; the test reads them all.
 *
 * Sources, as of 2026: go-ethereum core/error.go, core/txpool/errors.go, core/txpool/validation.go,
 * core/txpool/legacypool/legacypool.go and internal/ethapi; erigon txnprovider/txpool/txpoolcfg; reth
 * crates/rpc/rpc-eth-types/src/error/mod.rs; nethermind Nethermind.TxPool/{AcceptTxResult,TxPoolErrorMessages}.cs and
 * Nethermind.Core/Messages/TxErrorMessages.cs; besu .../jsonrpc/internal/response/RpcErrorType.java; foundry
 * crates/anvil/src/eth/error.rs; nitro execution/gethexec/sequencer.go and execution/interface.go.
 */

/** Why a node did not take a transaction, from what passes by itself to what never does. */
export const rejections = [
  'pool-full',
  'account-limit',
  'nonce-too-high',
  'replacement-underpriced',
  'underpriced',
  'fee-below-base',
  'fee-cap',
  'insufficient-funds',
  'gas-above-block-limit',
  'would-revert',
  'not-allowed',
  'wrong-chain',
  'intrinsic-gas',
  'too-large',
  'malformed',
] as const;
export type Rejection = (typeof rejections)[number];

/**
 * `known`: the node has the transaction. `nonce-used`: some transaction with its nonce was mined, perhaps this one.
 * `node-trouble`: the node cannot say, and the trouble is its own. A rejection: the node does not have it.
 */
export type SendErrorClass = 'known' | 'nonce-used' | 'node-trouble' | Rejection;

export interface RpcErrorRule {
  /** Whose wording this is. */
  readonly client: string;
  readonly pattern: RegExp;
  readonly class: SendErrorClass;
  /** A text of that client, which the pattern matches. */
  readonly example: string;
}

type Row = readonly [client: string, pattern: RegExp, means: SendErrorClass, example: string];

/** The first row that matches counts: what a node has comes before what it refuses. One row, one line. */
// prettier-ignore
const rows: readonly Row[] = [
  ['geth', /already known/i, 'known', 'already known'],
  ['erigon', /existing txn? with same hash/i, 'known', 'INTERNAL_ERROR: existing txn with same hash'],
  ['reth', /already imported/i, 'known', 'already imported'],
  ['nethermind', /AlreadyKnown/, 'known', 'AlreadyKnown'],
  ['besu', /known transaction/i, 'known', 'Known transaction'],
  ['anvil', /already imported/i, 'known', 'transaction already imported'],
  ['openethereum', /same hash was already imported/i, 'known', 'Transaction with the same hash was already imported.'],

  ['geth', /authority (?:nonce too low|already reserved)/i, 'account-limit', 'authority nonce too low'],

  ['geth', /nonce too low/i, 'nonce-used', 'nonce too low: next nonce 5, tx nonce 4'],
  ['erigon', /nonce too low/i, 'nonce-used', 'INTERNAL_ERROR: nonce too low'],
  ['reth', /nonce too low/i, 'nonce-used', 'nonce too low: next nonce 832, tx nonce 831'],
  ['nethermind', /OldNonce/, 'nonce-used', 'OldNonce, Current nonce: 7, nonce of rejected tx: 6'],
  ['besu', /nonce too low/i, 'nonce-used', 'Nonce too low'],
  ['anvil', /nonce too low/i, 'nonce-used', 'nonce too low'],
  ['arbitrum', /nonce too low/i, 'nonce-used', 'nonce too low: address 0x336394A3219e71D9d9bd18201d34E95C1Bb7122C, tx: 4 state: 5'],
  ['arbitrum', /(?:^|: )invalid transaction nonce$/i, 'nonce-used', 'invalid transaction nonce'],
  ['openethereum', /nonce is too low/i, 'nonce-used', 'Transaction nonce is too low. Try incrementing the nonce.'],

  ['geth', /future transaction tries to replace pending/i, 'replacement-underpriced', 'future transaction tries to replace pending'],
  ['geth', /replacement transaction underpriced/i, 'replacement-underpriced', 'replacement transaction underpriced'],
  ['erigon', /could not replace existing tx/i, 'replacement-underpriced', 'INTERNAL_ERROR: could not replace existing tx'],
  ['erigon', /replacement transaction underpriced/i, 'replacement-underpriced', 'replacement transaction underpriced'],
  ['reth', /to replace existing transaction/i, 'replacement-underpriced', 'insufficient gas price to replace existing transaction'],
  ['reth', /replacement transaction underpriced/i, 'replacement-underpriced', 'replacement transaction underpriced'],
  ['nethermind', /ReplacementNotAllowed/, 'replacement-underpriced', 'ReplacementNotAllowed, existing tx is better'],
  ['nethermind', /OwnNonceAlreadyUsed/, 'replacement-underpriced', 'OwnNonceAlreadyUsed'],
  ['besu', /replacement transaction underpriced/i, 'replacement-underpriced', 'Replacement transaction underpriced'],
  ['anvil', /replacement transaction underpriced/i, 'replacement-underpriced', 'replacement transaction underpriced'],
  ['openethereum', /another transaction with same nonce/i, 'replacement-underpriced', 'Transaction gas price supplied is too low. There is another transaction with same nonce in the queue.'],

  ['geth', /less than block base fee/i, 'fee-below-base', 'max fee per gas less than block base fee: address 0x336394A3219e71D9d9bd18201d34E95C1Bb7122C, maxFeePerGas: 1, baseFee: 7'],
  ['erigon', /fee too low/i, 'fee-below-base', 'INTERNAL_ERROR: fee too low'],
  ['reth', /less than block base fee/i, 'fee-below-base', 'max fee per gas less than block base fee'],
  ['nethermind', /FeeTooLowToCompete/, 'fee-below-base', 'FeeTooLowToCompete'],
  ['besu', /below current base fee/i, 'fee-below-base', 'Gas price below current base fee'],
  ['anvil', /less than block base fee/i, 'fee-below-base', 'max fee per gas less than block base fee'],
  ['arbitrum', /less than block base fee/i, 'fee-below-base', 'max fee per gas less than block base fee: address 0x336394A3219e71D9d9bd18201d34E95C1Bb7122C, maxFeePerGas: 100000000 baseFee: 109440000'],

  ['geth', /gas price below minimum/i, 'underpriced', 'transaction gas price below minimum: gas tip cap 0, minimum needed 1'],
  ['geth', /transaction underpriced/i, 'underpriced', 'transaction underpriced: tip needed 1, tip permitted 0'],
  ['erigon', /(?:^|: )underpriced/i, 'underpriced', 'INTERNAL_ERROR: underpriced'],
  ['reth', /below minimum required priority fee/i, 'underpriced', 'transaction priority fee below minimum required priority fee 1000000'],
  ['reth', /below chain minimum/i, 'underpriced', 'transaction feeCap 6 below chain minimum'],
  ['reth', /transaction underpriced/i, 'underpriced', 'transaction underpriced'],
  ['nethermind', /FeeTooLow/, 'underpriced', 'FeeTooLow, MaxFeePerGas too low'],
  ['nethermind', /transaction underpriced/i, 'underpriced', 'transaction underpriced'],
  ['besu', /below configured minimum gas price/i, 'underpriced', 'Gas price below configured minimum gas price'],
  ['arbitrum', /gas price too low/i, 'underpriced', 'gas price too low'],

  ['geth', /insufficient funds/i, 'insufficient-funds', 'insufficient funds for gas * price + value: balance 0, tx cost 42000000021000, overshot 42000000021000'],
  ['erigon', /insufficient funds/i, 'insufficient-funds', 'INTERNAL_ERROR: insufficient funds'],
  ['reth', /insufficient funds/i, 'insufficient-funds', 'insufficient funds for gas * price + value: have 0 want 1'],
  ['reth', /overdraws from account/i, 'insufficient-funds', 'transaction overdraws from account'],
  ['nethermind', /InsufficientFunds/, 'insufficient-funds', 'InsufficientFunds, Account balance: 0, cumulative cost: 21000'],
  ['besu', /upfront cost exceeds/i, 'insufficient-funds', 'Upfront cost exceeds account balance'],
  ['anvil', /insufficient funds/i, 'insufficient-funds', 'Insufficient funds for gas * price + value'],
  ['arbitrum', /insufficient funds/i, 'insufficient-funds', 'insufficient funds for gas * price + value: address 0x336394A3219e71D9d9bd18201d34E95C1Bb7122C have 0 want 1'],

  ['anvil', /CallGasCostMoreThanGasLimit|GasFloorMoreThanGasLimit/, 'intrinsic-gas', 'intrinsic gas too high -- CallGasCostMoreThanGasLimit'],
  ['geth', /intrinsic gas too low/i, 'intrinsic-gas', 'intrinsic gas too low: gas 20999, minimum needed 21000'],
  ['geth', /floor data gas/i, 'intrinsic-gas', 'insufficient gas for floor data gas cost: gas 21000, minimum needed 21400'],
  ['erigon', /IntrinsicGas/, 'intrinsic-gas', 'INTERNAL_ERROR: IntrinsicGas'],
  ['reth', /intrinsic gas too low/i, 'intrinsic-gas', 'intrinsic gas too low'],
  ['nethermind', /intrinsic gas too low/i, 'intrinsic-gas', 'Invalid, intrinsic gas too low'],
  ['besu', /intrinsic gas exceeds gas limit/i, 'intrinsic-gas', 'Intrinsic gas exceeds gas limit'],
  ['arbitrum', /intrinsic gas too low/i, 'intrinsic-gas', 'intrinsic gas too low: address 0x336394A3219e71D9d9bd18201d34E95C1Bb7122C have 21000, want 21400'],

  ['geth', /exceeds block gas limit/i, 'gas-above-block-limit', 'exceeds block gas limit'],
  ['geth', /gas limit (?:is )?too high/i, 'gas-above-block-limit', 'transaction gas limit too high (cap: 16777216, tx: 21000000)'],
  ['erigon', /gas limit (?:is )?too high/i, 'gas-above-block-limit', 'INTERNAL_ERROR: gas limit is too high'],
  ['reth', /exceeds max transaction gas limit/i, 'gas-above-block-limit', 'exceeds max transaction gas limit'],
  ['reth', /exceeds block gas limit/i, 'gas-above-block-limit', 'exceeds block gas limit'],
  ['nethermind', /GasLimitExceeded/, 'gas-above-block-limit', 'GasLimitExceeded, Gas limit: 30000000, gas limit of rejected tx: 30000001'],
  ['nethermind', /gas limit reached|TxGasLimitCapExceeded/i, 'gas-above-block-limit', 'gas limit reached'],
  ['besu', /exceeds block gas limit/i, 'gas-above-block-limit', 'Transaction gas limit exceeds block gas limit'],
  ['anvil', /intrinsic gas too high/i, 'gas-above-block-limit', 'intrinsic gas too high -- CallerGasLimitMoreThanBlock'],
  ['anvil', /greater than the block gas limit/i, 'gas-above-block-limit', 'Transaction gas limit is greater than the block gas limit, gas_limit: 30000001, cap: 30000000'],

  ['geth', /exceeds the configured cap/i, 'fee-cap', 'tx fee (1.50 ether) exceeds the configured cap (1.00 ether)'],
  ['reth', /exceeds the configured cap/i, 'fee-cap', 'tx fee (1500000000000000000 wei) exceeds the configured cap (1000000000000000000 wei)'],
  ['besu', /fee cap exceeded/i, 'fee-cap', 'Transaction fee cap exceeded'],

  ['geth', /txpool is full/i, 'pool-full', 'txpool is full'],
  ['erigon', /sub-pool is full|limit in txpool is full/i, 'pool-full', 'INTERNAL_ERROR: pending sub-pool is full'],
  ['reth', /txpool is full/i, 'pool-full', 'txpool is full'],
  ['reth', /pool size constraints/i, 'pool-full', 'transaction discarded outright due to pool size constraints'],
  ['openethereum', /too many transactions in the queue/i, 'pool-full', 'There are too many transactions in the queue. Your transaction was dropped due to limit. Try increasing the fee.'],

  ['geth', /account limit exceeded/i, 'account-limit', 'account limit exceeded: pooled 64 txs'],
  ['geth', /in-flight transaction limit reached/i, 'account-limit', 'in-flight transaction limit reached for delegated accounts'],
  ['geth', /address already reserved/i, 'account-limit', 'address already reserved'],
  ['erigon', /(?:^|: )spammer/i, 'account-limit', 'INTERNAL_ERROR: spammer'],
  ['reth', /identified as a spammer/i, 'account-limit', 'rejected due to 0x336394A3219e71D9d9bd18201d34E95C1Bb7122C being identified as a spammer'],
  ['reth', /address already reserved/i, 'account-limit', 'address already reserved'],
  ['nethermind', /PendingTxsOf|pending transaction type conflict/i, 'account-limit', 'PendingTxsOfConflictingType'],
  ['nethermind', /DelegatorHasPendingTx|delegation authority has pending/i, 'account-limit', 'DelegatorHasPendingTx'],

  ['geth', /nonce too high/i, 'nonce-too-high', 'nonce too high: tx nonce 9, gapped nonce 5'],
  ['geth', /gapped-nonce tx/i, 'nonce-too-high', 'gapped-nonce tx from delegated accounts'],
  ['reth', /nonce too high/i, 'nonce-too-high', 'nonce too high'],
  ['nethermind', /NonceGap|delegation nonce gap/, 'nonce-too-high', 'NonceGap, Future nonce. Expected nonce: 5'],
  ['nethermind', /NonceTooFarInFuture|nonce too far in future/i, 'nonce-too-high', 'nonce too far in future'],
  ['besu', /nonce too high|too distant from current sender nonce/i, 'nonce-too-high', 'Transaction nonce is too distant from current sender nonce'],
  ['besu', /lower nonce exists/i, 'nonce-too-high', 'An invalid transaction with a lower nonce exists'],
  ['anvil', /nonce too high/i, 'nonce-too-high', 'Nonce too high'],
  ['arbitrum', /nonce too high/i, 'nonce-too-high', 'nonce too high: address 0x336394A3219e71D9d9bd18201d34E95C1Bb7122C, tx: 9 state: 5'],

  ['geth', /invalid chain id/i, 'wrong-chain', 'invalid sender: invalid chain id for signer: have 1 want 31337'],
  ['reth', /invalid chain id/i, 'wrong-chain', 'invalid chain ID'],
  ['nethermind', /InvalidTxChainId/, 'wrong-chain', 'Invalid, InvalidTxChainId: Expected 1, got 31337.'],
  ['besu', /wrong chainid|chainid (?:not supported|is required)/i, 'wrong-chain', 'Wrong chainId'],
  ['anvil', /invalid chain id|signed for another chain/i, 'wrong-chain', 'invalid chain id for signer'],

  ['geth', /transaction type not supported/i, 'not-allowed', 'transaction type not supported: type 2 rejected, pool not yet in London'],
  ['geth', /only replay-protected/i, 'not-allowed', 'only replay-protected (EIP-155) transactions allowed over RPC'],
  ['geth', /sender (?:is )?not an eoa/i, 'not-allowed', 'sender not an eoa: address 0x336394A3219e71D9d9bd18201d34E95C1Bb7122C'],
  ['erigon', /transaction type is not activated/i, 'not-allowed', 'INTERNAL_ERROR: fork supporting this transaction type is not activated yet'],
  ['reth', /transaction type not supported/i, 'not-allowed', 'transaction type not supported'],
  ['nethermind', /SenderIsContract/, 'not-allowed', 'SenderIsContract'],
  ['nethermind', /NotSupportedTxType|unsupported transaction type|InvalidTxType/i, 'not-allowed', 'NotSupportedTxType'],
  ['besu', /sender account not authorized/i, 'not-allowed', 'Sender account not authorized to send transactions'],
  ['besu', /plugin has marked the transaction as invalid/i, 'not-allowed', 'Plugin has marked the transaction as invalid'],
  ['anvil', /sender not an eoa/i, 'not-allowed', 'sender not an eoa'],
  ['arbitrum', /sender is not on the whitelist/i, 'not-allowed', 'transaction sender is not on the whitelist'],
  ['arbitrum', /transaction type not supported/i, 'not-allowed', 'transaction type not supported'],

  ['arbitrum', /execution reverted/i, 'would-revert', 'execution reverted: ERC20: transfer amount exceeds balance'],

  ['geth', /oversized data/i, 'too-large', 'oversized data: transaction size 140000, limit 131072'],
  ['geth', /max initcode size/i, 'too-large', 'max initcode size exceeded: code size 50000, limit 49152'],
  ['erigon', /oversized data|RLPTooLong|initcode too large/i, 'too-large', 'INTERNAL_ERROR: RLPTooLong'],
  ['reth', /oversized data|input data too large|exceeds max_init_code_size/i, 'too-large', 'oversized data: transaction size 140000, limit 131072'],
  ['nethermind', /MaxTxSizeExceeded|transaction too large/i, 'too-large', 'MaxTxSizeExceeded'],

  ['geth', /higher than max fee per gas/i, 'malformed', 'max priority fee per gas higher than max fee per gas: address 0x336394A3219e71D9d9bd18201d34E95C1Bb7122C, maxPriorityFeePerGas: 2, maxFeePerGas: 1'],
  ['geth', /invalid sender/i, 'malformed', 'invalid sender'],
  ['erigon', /invalid sender|negative value/i, 'malformed', 'INTERNAL_ERROR: invalid sender'],
  ['reth', /failed to decode signed transaction|invalid transaction signature/i, 'malformed', 'failed to decode signed transaction'],
  ['nethermind', /FailedToResolveSender|failed to recover sender|InvalidTxSignature/i, 'malformed', 'FailedToResolveSender'],
  ['besu', /invalid signature|exceeds max fee per gas/i, 'malformed', 'Invalid signature'],
  ['anvil', /failed to decode transaction/i, 'malformed', 'Failed to decode transaction'],

  ['geth', /context (?:deadline exceeded|canceled)/i, 'node-trouble', 'context deadline exceeded'],
  ['nethermind', /node is syncing|(?:^|: )Syncing$/i, 'node-trouble', 'node is syncing'],
  ['besu', /initial sync is still in progress|transaction pool not enabled|timeout expired/i, 'node-trouble', 'Initial sync is still in progress'],
  ['arbitrum', /sequencer temporarily not available|please retry transaction/i, 'node-trouble', 'sequencer temporarily not available'],
  ['gateway', /rate limit|too many requests|(?:capacity|request count|limit) exceeded$|exceeded its .*capacity/i, 'node-trouble', 'daily request count exceeded, request rate limited'],
];

/** The texts that are known without configuration. */
export const rpcErrorTable: readonly RpcErrorRule[] = rows.map(([client, pattern, means, example]) => ({
  ...{ client, pattern, example },
  class: means,
}));

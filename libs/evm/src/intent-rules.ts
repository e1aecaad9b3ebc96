/** What a signature for a submitter may be: the transaction must do exactly what its intent asks for. */
import { type UnsignedTransaction } from './unsigned-transaction';

/** The terms of a transaction intent that bind the transaction; amounts in wei, decimal. */
export interface IntentTerms {
  keyId: string;
  path?: string | undefined;
  chainId: string;
  to: string;
  value: string;
  data: string;
  gasLimit?: string | undefined;
  maxFeePerGas: string;
  maxCost: string;
}

/** The key that the sign request names: it decides the sender. */
export interface SigningKey {
  keyId: string;
  path?: string | undefined;
}

/** The name of a rule, for code and metrics, and a sentence for people. */
export interface BrokenIntentRule {
  rule:
    | 'type'
    | 'sender'
    | 'chain'
    | 'destination'
    | 'value'
    | 'data'
    | 'access-list'
    | 'gas-limit'
    | 'fee'
    | 'max-cost';
  reason: string;
}

/**
 * Compares a transaction with the intent it is to fulfil (interfaces.md, "What a node signs for a submitter").
 *
 * @returns the first rule that is broken, or undefined.
 */
export function checkIntentTransaction(
  transaction: UnsignedTransaction,
  intent: IntentTerms,
  key: SigningKey,
): BrokenIntentRule | undefined {
  const { maxFeePerGas, gasLimit, value } = transaction;
  const cost = value + gasLimit * maxFeePerGas;
  const rules: [BrokenIntentRule['rule'], boolean, string][] = [
    ['type', transaction.type !== 1, `type ${transaction.type} is neither 2 nor 0`],
    [
      'sender',
      key.keyId === intent.keyId && root(key.path) === root(intent.path),
      'key or path differ from the intent',
    ],
    [
      'chain',
      transaction.chainId === BigInt(intent.chainId),
      `chain ${transaction.chainId} is not ${intent.chainId}`,
    ],
    ['destination', transaction.to === intent.to.toLowerCase(), `destination is not ${intent.to}`],
    ['value', value === BigInt(intent.value), `value ${value} is not ${intent.value}`],
    ['data', transaction.data === intent.data.toLowerCase(), 'data differs from the intent'],
    ['access-list', transaction.accessList.length === 0, 'the access list is not empty'],
    [
      'gas-limit',
      intent.gasLimit === undefined || gasLimit <= BigInt(intent.gasLimit),
      `gas limit ${gasLimit} is above ${intent.gasLimit}`,
    ],
    [
      'fee',
      maxFeePerGas <= BigInt(intent.maxFeePerGas),
      `fee ${maxFeePerGas} is above ${intent.maxFeePerGas}`,
    ],
    ['max-cost', cost <= BigInt(intent.maxCost), `cost ${cost} is above ${intent.maxCost}`],
  ];
  const broken = rules.find(([, kept]) => !kept);
  return broken && { rule: broken[0], reason: broken[2] };
}

function root(path: string | undefined): string {
  return path ?? 'm';
}

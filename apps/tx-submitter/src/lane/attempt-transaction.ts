/** The transactions that an intent's attempts are made of. */
import {
  checkIntentTransaction,
  encodeUnsignedTransaction,
  type Fees,
  type UnsignedTransaction,
} from '@quorate/evm';
import { Invalid } from '@quorate/platform';
import { type TxIntent } from '@quorate/protocol';

/** Gas of a transfer without data. */
export const transferGas = 21_000n;

/** The transaction that carries out an intent, checked against it once more; or why there is none. */
export function payloadTransaction(
  intent: TxIntent,
  nonce: bigint,
  { gasLimit, ...fees }: Fees & { gasLimit: bigint },
): UnsignedTransaction | { reason: string } {
  try {
    const transaction = encodeUnsignedTransaction({
      chainId: BigInt(intent.chainId),
      nonce: Number(nonce),
      to: intent.to,
      value: BigInt(intent.value),
      data: intent.data,
      gasLimit,
      ...feeFields(fees),
    });
    const broken = checkIntentTransaction(transaction, intent, intent);
    return broken === undefined
      ? transaction
      : { reason: `its transaction would break it: ${broken.reason}` };
  } catch (error) {
    if (error instanceof Invalid) return { reason: error.message };
    throw error;
  }
}

/** The transaction that only uses a nonce up: nothing, to oneself (interfaces.md, evm-cancel). */
export function cancelTransaction(
  { chainId, address }: { chainId: string; address: string },
  nonce: bigint,
  fees: Fees,
): UnsignedTransaction {
  return encodeUnsignedTransaction({
    ...{ chainId: BigInt(chainId), nonce: Number(nonce), to: address, value: 0n, data: '0x' },
    gasLimit: transferGas,
    ...feeFields(fees),
  });
}

function feeFields({ type, maxFeePerGas, maxPriorityFeePerGas }: Fees) {
  return type === 0 ? { gasPrice: maxFeePerGas } : { maxFeePerGas, maxPriorityFeePerGas };
}

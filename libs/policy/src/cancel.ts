/** The empty transfer that takes the place of a stuck transaction (payload kind `evm-cancel`). */
import { type UnsignedTransaction } from '@quorate/evm';
import { type SubmitterEntry } from './file/requester-entry';
import { type Finding, finding } from './rules/rule';
import { type Charge } from './windows';

const SECONDS_PER_HOUR = 3600;

/** What the policy says about a cancelling transaction, rule by rule. Who sends it is `checkCancelSender`'s question. */
export function explainCancel({ kid, cancel }: SubmitterEntry, transaction: UnsignedTransaction): Finding[] {
  if (cancel === undefined) return [finding('cancel', false, `${kid} may not cancel transactions`)];
  const { type, value, data, accessList, gasLimit, maxFeePerGas } = transaction;
  return [
    finding('cancel', true, `${kid} may cancel transactions`),
    finding('cancel-type', type !== 1, `type ${type}; 2 and 0 are allowed`),
    finding('cancel-value', value === 0n, `value ${value}; it must be 0`),
    finding('cancel-data', data === '0x', `${data.length / 2 - 1} bytes of data; there must be none`),
    finding('cancel-access-list', accessList.length === 0, 'the access list must be empty'),
    finding(
      'cancel-gas-limit',
      gasLimit <= BigInt(cancel.gasLimit),
      `gas limit ${gasLimit}; at most ${cancel.gasLimit}`,
    ),
    finding(
      'cancel-fee',
      maxFeePerGas <= BigInt(cancel.maxFeePerGas),
      `maxFeePerGas ${maxFeePerGas}; at most ${cancel.maxFeePerGas}`,
    ),
  ];
}

/** @param sender address of the signing key, in lower case */
export function checkCancelSender({ to }: UnsignedTransaction, sender: string): Finding {
  return finding(
    'cancel-destination',
    to === sender,
    `it goes to ${to ?? 'a new contract'}, its sender is ${sender}`,
  );
}

/** Each cancelling transaction counts one. */
export function chargesOfCancel({ cancel }: SubmitterEntry): Charge[] {
  if (cancel === undefined) return [];
  const window = { period: '1h', seconds: SECONDS_PER_HOUR, max: BigInt(cancel.perHour) };
  return [
    {
      rule: 'cancel-per-hour',
      meter: 'cancel',
      unit: 'cancelling transactions',
      amount: 1n,
      windows: [window],
    },
  ];
}

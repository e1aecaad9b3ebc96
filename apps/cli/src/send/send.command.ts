import { type AwaitedStatus, whyOf } from '@quorate/client';
import { type TxOutcome } from '@quorate/protocol';
import { Command, Option } from 'commander';
import { contextOf } from '../context';
import { CommandFailure, EXIT } from '../exit-code';
import { withClient } from '../stack/connections';
import { keyOf } from '../stack/stack-facts';
import { facts, shortType } from '../terminal/layout';
import { amountIn, hexBytes, wholeNumber } from '../terminal/option-values';
import { intentOf, type SendOptions } from './intent';

interface WaitOptions {
  wait: AwaitedStatus | 'none';
  timeout: number;
}

const ENDS_BADLY: readonly TxOutcome['type'][] = [
  'quorate.tx.rejected.v1',
  'quorate.tx.failed.v1',
  'quorate.tx.reverted.v1',
  'quorate.tx.cancelled.v1',
  'quorate.tx.superseded.v1',
];

const EXAMPLES = `
The key pays: its address needs the money. Exit status 4 when the intent was rejected, or failed or reverted; 3 when
it is still on its way after --timeout (quorate status ID tells more, and the same --id never pays twice).

Examples:
  $ quorate send --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --ether 0.001
  $ quorate send --to 0x7099... --value 1000 --path m/0/1 --wait broadcast --json
  $ quorate send --to 0x5fbd... --data 0xa9059cbb... --gas-limit 90000 --id payout-77`;

export function sendCommand(): Command {
  return new Command('send')
    .description('send a transaction from a key and wait for its confirmation')
    .requiredOption('--to <address>', 'the recipient or contract')
    .option('--value <wei>', 'amount in wei (default: 0)', amountIn('wei', 0))
    .option('--ether <amount>', 'amount in ether, such as 0.001', amountIn('ether', 18))
    .option('--data <hex>', 'call data', hexBytes, '0x')
    .option('-k, --key <keyId>', 'the key (default: the key of the stack)')
    .option('--path <path>', 'derivation path, such as m/0/1 (default: the root key)')
    .option('--id <intentId>', 'intent id (default: random)')
    .option('--gas-limit <gas>', 'gas limit (default: estimated)', wholeNumber(21_000))
    .option('--max-fee-gwei <gwei>', 'ceiling of the price of gas', amountIn('gwei', 9), '100000000000')
    .option('--max-cost <wei>', 'ceiling of value and fee (default: from the above)', amountIn('wei', 0))
    .option('--confirmations <n>', 'blocks until it counts as confirmed', wholeNumber(1))
    .addOption(
      new Option('--wait <status>', 'wait until it is this far')
        .choices(['none', 'accepted', 'broadcast', 'confirmed', 'finalized'])
        .default('confirmed'),
    )
    .option('--timeout <seconds>', 'how long to wait', wholeNumber(1), 120)
    .addHelpText('after', EXAMPLES)
    .action(async (options: SendOptions & WaitOptions, command: Command) => {
      const { stack, output } = contextOf(command);
      const intent = intentOf(options, {
        keyId: options.key ?? keyOf(stack).keyId,
        chainId: stack.chain.chainId,
      });
      const { wait, timeout } = options;
      await withClient(stack, async (client) => {
        const prepared = await client.send(intent);
        if (wait === 'none') {
          output.result({ intentId: prepared.id }, () => `intent ${prepared.id} was sent`);
          return;
        }
        output.note(`intent ${prepared.id} was sent, waiting until it is ${wait} ...`);
        const { data } = await client.awaitOutcome(prepared, wait, { timeoutMs: timeout * 1000 });
        if (ENDS_BADLY.includes(data.type)) {
          throw new CommandFailure(EXIT.rejected, data.code ?? data.status, refusal(data), data);
        }
        output.result(data, () => describe(data));
      });
    });
}

function describe(outcome: TxOutcome): string {
  const { intentId, type, hash, block, from, nonce } = outcome;
  return facts([
    ['intent', intentId],
    ['status', shortType(type).replace(/^tx\./, '')],
    ['transaction', hash],
    ['block', block === undefined ? undefined : `${block.number} ${block.hash}`],
    ['from', from],
    ['nonce', nonce],
  ]);
}

function refusal(outcome: TxOutcome): string {
  const { intentId, status, hash } = outcome;
  const why = whyOf(outcome);
  return `intent ${intentId} ${status}${why === '' ? '' : `: ${why}`}${hash === undefined ? '' : ` (transaction ${hash})`}`;
}

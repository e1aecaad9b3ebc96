import { Command } from 'commander';
import { contextOf } from '../context';
import { usageError } from '../exit-code';
import { withControl } from '../stack/connections';
import { describeKey } from './describe-key';
import { signAsOperators } from './operators';

export function retireKeyCommand(): Command {
  return new Command('retire')
    .description('end a key: no node signs with it any more, for ever')
    .argument('<key>', 'the key id, k_...')
    .option('--yes', 'confirms that nothing will ever be signed with this key again', false)
    .addHelpText(
      'after',
      `
There is no way back: move the funds first. Requests are refused at once; a node that is away learns it when it comes, and
is named as "not confirmed" until then. Every operator of the stack signs the command.

Examples:
  $ quorate keys retire k_7f3a... --yes
  $ quorate keys retire k_7f3a... --yes --json`,
    )
    .action(async (keyId: string, { yes }: { yes: boolean }, command: Command) => {
      const { stack, output } = contextOf(command);
      if (!yes) throw usageError(`this ends ${keyId} for ever: add --yes to confirm`);
      const key = await withControl(stack, async (control) => {
        const { newestEpoch: epoch } = await control.getKey(keyId);
        return control.retireKey({ keyId }, signAsOperators(stack, { what: 'RetireKey', keyId, epoch }));
      });
      output.result(key, () => describeKey(key));
    });
}

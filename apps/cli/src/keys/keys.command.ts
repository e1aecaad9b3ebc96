import { Command } from 'commander';
import { contextOf } from '../context';
import { withControl } from '../stack/connections';
import { refreshKeyCommand, reshareKeyCommand } from './change-key.command';
import { createKeyCommand } from './create-key.command';
import { describeKey, keyTable } from './describe-key';
import { retireKeyCommand } from './retire-key.command';

export function keysCommand(): Command {
  return new Command('keys')
    .description('threshold keys: create, list, show, refresh, reshare, retire')
    .addCommand(createKeyCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(refreshKeyCommand())
    .addCommand(reshareKeyCommand())
    .addCommand(retireKeyCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('all keys, with what is under way')
    .addHelpText('after', '\nExamples:\n  $ quorate keys list\n  $ quorate keys list --json')
    .action(async (_options: object, command: Command) => {
      const { stack, output } = contextOf(command);
      const keys = await withControl(stack, (control) => control.listKeys());
      output.result({ keys }, () =>
        keys.length === 0
          ? 'There is no key yet: quorate keys create'
          : keyTable(keys, (text) => output.paint('dim', text)),
      );
    });
}

function showCommand(): Command {
  return new Command('show')
    .description('one key: members, epoch, age of its shares, what is under way')
    .argument('<key>', 'the key id, k_...')
    .addHelpText(
      'after',
      '\nExamples:\n  $ quorate keys show k_7f3a...\n  $ quorate keys show k_7f3a... --json',
    )
    .action(async (keyId: string, _options: object, command: Command) => {
      const { stack, output } = contextOf(command);
      const key = await withControl(stack, (control) => control.getKey(keyId));
      output.result(key, () => describeKey(key));
    });
}

import { Command } from 'commander';
import { contextOf } from '../context';
import { withControl } from '../stack/connections';
import { listOf, wholeNumber } from '../terminal/option-values';
import { describeKey } from './describe-key';
import { signAsOperators } from './operators';

interface ReshareOptions {
  threshold?: number;
  nodes: string[];
  disjointQuorums: boolean;
}

export function refreshKeyCommand(): Command {
  return new Command('refresh')
    .description('give every node of a key a new share; the old ones are worthless then')
    .argument('<key>', 'the key id, k_...')
    .addHelpText(
      'after',
      `
The key, its members and its threshold stay, and requests go on meanwhile. The coordinators do this by themselves once a
day (KEY_REFRESH_INTERVAL_HOURS); it needs no operator, so each node limits how often it happens.

Examples:
  $ quorate keys refresh k_7f3a...
  $ quorate keys refresh k_7f3a... --json`,
    )
    .action(async (keyId: string, _options: object, command: Command) => {
      const { stack, output } = contextOf(command);
      output.note(`refreshing ${keyId} ...`);
      const key = await withControl(stack, (control) => control.refreshKey(keyId));
      output.result(key, () => describeKey(key));
    });
}

export function reshareKeyCommand(): Command {
  return new Command('reshare')
    .description('give a key to other nodes, or another threshold; replaces a dead node, too')
    .argument('<key>', 'the key id, k_...')
    .requiredOption('-n, --nodes <nodes>', 'who holds the key afterwards, with commas between them', listOf)
    .option(
      '-t, --threshold <t>',
      'how many nodes sign together afterwards (default: as now)',
      wholeNumber(2),
    )
    .option('--disjoint-quorums', 'allow 2t <= n: two committees may then have no node in common', false)
    .addHelpText(
      'after',
      `
As many present members as the threshold says deal new shares; those that are not named lose theirs. Every named node must
be there, a lost one need not. The key and its addresses stay, and requests go on meanwhile. Every operator of the stack
signs the command.

Examples:
  $ quorate keys reshare k_7f3a... --nodes node-1,node-2,node-4
  $ quorate keys reshare k_7f3a... --threshold 3 --nodes node-1,node-2,node-3,node-4`,
    )
    .action(async (keyId: string, options: ReshareOptions, command: Command) => {
      const { stack, output } = contextOf(command);
      const { nodes: participants, disjointQuorums } = options;
      const key = await withControl(stack, async (control) => {
        const { newestEpoch: epoch, threshold: present } = await control.getKey(keyId);
        const threshold = options.threshold ?? present;
        const parameters = { keyId, threshold, participants, disjointQuorums };
        const signed = signAsOperators(stack, { what: 'ReshareKey', ...parameters, epoch });
        output.note(
          `resharing ${keyId} as ${threshold} of ${participants.length} on ${participants.join(', ')} ...`,
        );
        return control.reshareKey(parameters, signed);
      });
      output.result(key, () => describeKey(key));
    });
}

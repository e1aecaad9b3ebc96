import { Command, Option } from 'commander';
import { contextOf } from '../context';
import { withControl } from '../stack/connections';
import { listOf, wholeNumber } from '../terminal/option-values';
import { describeKey } from './describe-key';
import { signAsOperators } from './operators';

interface CreateOptions {
  scheme: 'ecdsa-secp256k1' | 'eddsa-ed25519' | 'bip340-secp256k1';
  threshold: number;
  participants?: string[];
  disjointQuorums: boolean;
}

export function createKeyCommand(): Command {
  return new Command('create')
    .description('generate a key on the nodes, by distributed key generation')
    .option('-t, --threshold <t>', 'how many nodes sign together', wholeNumber(2), 2)
    .option('-p, --participants <nodes>', 'nodes, with commas between them (default: all)', listOf)
    .addOption(
      new Option('--scheme <scheme>', 'signature scheme')
        .choices(['ecdsa-secp256k1', 'eddsa-ed25519', 'bip340-secp256k1'])
        .default('ecdsa-secp256k1'),
    )
    .option('--disjoint-quorums', 'allow 2t <= n: two committees may then have no node in common', false)
    .addHelpText(
      'after',
      `
Every operator of the stack signs the command; the nodes act on these signatures alone.

Examples:
  $ quorate keys create --threshold 2
  $ quorate keys create --scheme eddsa-ed25519
  $ quorate keys create --threshold 3 --participants node-1,node-2,node-3,node-4,node-5 --json`,
    )
    .action(async (options: CreateOptions, command: Command) => {
      const { stack, output } = contextOf(command);
      const { scheme, threshold, disjointQuorums } = options;
      const participants = options.participants ?? Object.keys(stack.databases.nodes);
      const parameters = { scheme, threshold, participants, disjointQuorums };
      const signed = signAsOperators(stack, { what: 'CreateKey', ...parameters, epoch: 0 });
      output.note(
        `generating a ${threshold}-of-${participants.length} key on ${participants.join(', ')} ...`,
      );
      const key = await withControl(stack, (control) => control.createKey(parameters, signed));
      output.result(key, () => describeKey(key));
    });
}

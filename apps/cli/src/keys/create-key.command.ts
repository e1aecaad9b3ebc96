import { Command, Option } from 'commander';
import { contextOf } from '../context';
import { withControl } from '../stack/connections';
import { keepFirstKey } from '../stack/first-key';
import { nodesOf } from '../stack/stack-facts';
import { listOf, wholeNumber } from '../terminal/option-values';
import { describeKey } from './describe-key';
import { signAsOperators } from './operators';

interface CreateOptions {
  scheme: 'ecdsa-secp256k1' | 'eddsa-ed25519' | 'bip340-secp256k1';
  threshold?: number;
  participants?: string[];
  disjointQuorums: boolean;
}

export function createKeyCommand(): Command {
  return new Command('create')
    .description('generate a key on the nodes, by distributed key generation')
    .option(
      '-t, --threshold <t>',
      'how many nodes sign together (default: that of the deployment, or 2)',
      wholeNumber(2),
    )
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
Every operator of the stack signs the command; the nodes act on these signatures alone. The first key of a deployment is
written into its stack.json, for commands that name none.

Examples:
  $ quorate keys create --threshold 2
  $ quorate keys create --scheme eddsa-ed25519
  $ quorate keys create --threshold 3 --participants node-1,node-2,node-3,node-4,node-5 --json`,
    )
    .action(async (options: CreateOptions, command: Command) => {
      const { stack, stackFile, output } = contextOf(command);
      const { scheme, disjointQuorums } = options;
      const { threshold = stack.deployment?.threshold ?? 2, participants = nodesOf(stack) } = options;
      const parameters = { scheme, threshold, participants, disjointQuorums };
      const signed = signAsOperators(stack, { what: 'CreateKey', ...parameters, epoch: 0 });
      output.note(
        `generating a ${threshold}-of-${participants.length} key on ${participants.join(', ')} ...`,
      );
      const key = await withControl(stack, (control) => control.createKey(parameters, signed));
      keepFirstKey(stackFile, stack, key);
      output.result(key, () => describeKey(key));
    });
}

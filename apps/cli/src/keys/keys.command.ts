import { type KeyFacts, signCommand } from '@quorate/client';
import { loadIdentityKey } from '@quorate/platform';
import { Command, Option } from 'commander';
import { contextOf } from '../context';
import { withControl } from '../stack/connections';
import { columns, facts } from '../terminal/layout';
import { listOf, wholeNumber } from '../terminal/option-values';

interface CreateOptions {
  scheme: 'ecdsa-secp256k1' | 'eddsa-ed25519' | 'bip340-secp256k1';
  threshold: number;
  participants?: string[];
  disjointQuorums: boolean;
}

export function keysCommand(): Command {
  return new Command('keys')
    .description('threshold keys: create, list')
    .addCommand(createCommand())
    .addCommand(listCommand());
}

function createCommand(): Command {
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
  $ quorate keys create --threshold 3 --participants node-1,node-2,node-3,node-4,node-5 --json`,
    )
    .action(async (options: CreateOptions, command: Command) => {
      const { stack, output } = contextOf(command);
      const { scheme, threshold, disjointQuorums } = options;
      const participants = options.participants ?? Object.keys(stack.databases.nodes);
      const operators = stack.control.operators.map(({ kid, privateKeyFile }) => ({
        kid,
        privateKey: loadIdentityKey(privateKeyFile),
      }));
      const parameters = { scheme, threshold, participants, disjointQuorums };
      const signed = signCommand({ what: 'CreateKey', ...parameters, epoch: 0 }, operators);
      output.note(
        `generating a ${threshold}-of-${participants.length} key on ${participants.join(', ')} ...`,
      );
      const key = await withControl(stack, (control) => control.createKey(parameters, signed));
      output.result(key, () => describeKey(key));
    });
}

function listCommand(): Command {
  return new Command('list')
    .description('the keys that the nodes have published')
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

function keyTable(keys: readonly KeyFacts[], heading: (text: string) => string): string {
  return columns([
    ['KEY', 'SCHEME', 'QUORUM', 'STATUS', 'EPOCH', 'STOCK', 'ADDRESS'].map(heading),
    ...keys.map((key) => [
      key.keyId,
      key.scheme,
      `${key.threshold} of ${key.participants.length}`,
      key.status,
      String(key.epoch),
      String(key.stock),
      key.address,
    ]),
  ]);
}

function describeKey(key: KeyFacts): string {
  return facts([
    ['key', key.keyId],
    ['scheme', key.scheme],
    ['quorum', `${key.threshold} of ${key.participants.length}: ${key.participants.join(', ')}`],
    ['address', key.address],
    ['public key', key.publicKey],
    ['chain code', key.chainCode],
  ]);
}

import { Command } from 'commander';
import { contextOf } from '../context';
import { facts } from '../terminal/layout';
import { type BackupResult, backupNode, type RestoreResult, restoreNode } from './node-tool';

interface BackupOptions {
  recoveryKey: string;
  out: string;
}

interface RestoreOptions {
  recoveryKey: string;
  from: string;
}

export function nodeCommand(): Command {
  return new Command('node')
    .description('one node on this machine: backup, restore')
    .addCommand(backupCommand())
    .addCommand(restoreCommand());
}

function backupCommand(): Command {
  return new Command('backup')
    .description("write a node's key shares to a file that only the recovery key opens")
    .argument('<node>', 'the node, for example node-1')
    .requiredOption('--recovery-key <file>', 'the public recovery key: X25519, PEM')
    .requiredOption('--out <file>', 'the backup; it must not exist yet')
    .addHelpText(
      'after',
      `
The file holds the share of each key with its epoch and certificate: no presignatures, and nothing of the pairs. A backup
of an older epoch is refused at the restore: make a new one after each refresh or reshare.

Make the recovery key on a machine that is no node, and take only the public half to the nodes:
  $ openssl genpkey -algorithm x25519 -out recovery.pem
  $ openssl pkey -in recovery.pem -pubout -out recovery.pub.pem

Examples:
  $ quorate node backup node-1 --recovery-key recovery.pub.pem --out node-1.backup.json`,
    )
    .action(async (node: string, options: BackupOptions, command: Command) => {
      const { stack, output } = contextOf(command);
      const result = await backupNode(stack, node, options.recoveryKey, options.out);
      output.result(result, () => describeBackup(result));
    });
}

function restoreCommand(): Command {
  return new Command('restore')
    .description("put a backup's shares back into the database of a node that does not run")
    .argument('<node>', 'the node that the backup is of')
    .requiredOption('--from <file>', 'the backup')
    .requiredOption('--recovery-key <file>', 'the private recovery key: X25519, PEM')
    .addHelpText(
      'after',
      `
Waits until the node's process has ended, and keeps it from starting in between. Shares of an epoch that is not the newest
one are refused. Afterwards the node signs again once its keys were refreshed: quorate keys refresh <key>

Examples:
  $ quorate node restore node-1 --from node-1.backup.json --recovery-key recovery.pem`,
    )
    .action(async (node: string, options: RestoreOptions, command: Command) => {
      const { stack, output } = contextOf(command);
      output.note(`waiting until ${node} has stopped ...`);
      const result = await restoreNode(stack, node, options.recoveryKey, options.from);
      output.result(result, () => describeRestore(result));
    });
}

function describeBackup({ node, file, keys }: BackupResult): string {
  return facts([
    ['node', node],
    ['file', file],
    ...keys.map(({ keyId, epoch }): [string, string] => ['share', `${keyId}, epoch ${epoch}`]),
  ]);
}

function describeRestore({ node, keys }: RestoreResult): string {
  const next = keys.map(({ keyId }) => `  quorate keys refresh ${keyId}`).join('\n');
  return `${facts([
    ['node', node],
    ...keys.map(({ keyId, epoch }): [string, string] => ['share', `${keyId}, epoch ${epoch}`]),
  ])}\n\nStart ${node}, then give it new shares and pairs:\n${next}`;
}

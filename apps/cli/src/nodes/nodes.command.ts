import { type NodeFacts } from '@quorate/client';
import { Command } from 'commander';
import { contextOf } from '../context';
import { signAsOperators } from '../keys/operators';
import { withControl } from '../stack/connections';
import { columns } from '../terminal/layout';
import { evidenceCommand } from './evidence.command';

/** Digits of a policy's hash that tell two policies apart at a glance; --json has all of them. */
const HASH_DIGITS = 10;

export function nodesCommand(): Command {
  return new Command('nodes')
    .description('the nodes as the coordinator sees them: list, unban, evidence')
    .addCommand(listCommand())
    .addCommand(unbanCommand())
    .addCommand(evidenceCommand());
}

function listCommand(): Command {
  return new Command('list')
    .description('all nodes: ready, suspected and why, pairs that do not work together, policy')
    .addHelpText(
      'after',
      `
A suspected node is given no work while others can do it, and recovers by itself. Two nodes with a dead pair work together
again after: quorate nodes unban <key> <node> <node>

Examples:
  $ quorate nodes list
  $ quorate nodes list --json`,
    )
    .action(async (_options: object, command: Command) => {
      const { stack, output } = contextOf(command);
      const nodes = await withControl(stack, (control) => control.listNodes());
      output.result({ nodes }, () =>
        columns([
          ['NODE', 'STATUS', 'POLICY', 'VERSION', 'DEAD PAIRS', 'REMARKS'].map((text) =>
            output.paint('dim', text),
          ),
          ...nodes.map(row),
        ]),
      );
    });
}

function unbanCommand(): Command {
  return new Command('unban')
    .description('let two nodes work together again, after a failed check between them')
    .argument('<key>', 'the key id, k_...')
    .argument('<node>', 'one of the two')
    .argument('<other>', 'the other one')
    .addHelpText(
      'after',
      `
A check that failed means that one of the two cheated or is broken, and nobody else can tell which: look at both before.
Their pair gets new secrets; the nodes allow this only a few times a day. Every operator of the stack signs the command.

Examples:
  $ quorate nodes unban k_7f3a... node-1 node-3
  $ quorate nodes unban k_7f3a... node-1 node-3 --json`,
    )
    .action(
      async (keyId: string, firstNode: string, secondNode: string, _options: object, command: Command) => {
        const { stack, output } = contextOf(command);
        const parameters = { keyId, firstNode, secondNode };
        output.note(`re-keying the pair of ${firstNode} and ${secondNode} ...`);
        await withControl(stack, async (control) => {
          const { newestEpoch: epoch } = await control.getKey(keyId);
          await control.unbanPair(
            parameters,
            signAsOperators(stack, { what: 'UnbanPair', ...parameters, epoch }),
          );
        });
        output.result(parameters, () => `${firstNode} and ${secondNode} work together again`);
      },
    );
}

function row(node: NodeFacts): string[] {
  const { nodeId, connected, ready, suspected, policyHash, version, deadPairs } = node;
  const presence = ready ? 'ready' : connected ? 'not ready' : 'away';
  return [
    nodeId,
    suspected ? `${presence}, suspected` : presence,
    policyHash.slice(0, HASH_DIGITS),
    version,
    [...new Set(deadPairs.map(({ peer }) => peer))].join(', '),
    [node.reason, node.suspicion].filter((text) => text !== '').join('; '),
  ];
}

import { Command } from 'commander';
import { contextOf } from '../context';
import { signAsOperators } from '../keys/operators';
import { withControl } from '../stack/connections';
import { nodeTable, scopeOf, type ScopeOptions, withScope } from './scope';

interface HaltOptions extends ScopeOptions {
  reason: string;
}

export function haltCommand(): Command {
  const command = new Command('halt')
    .description('stop signing at the coordinators and at every node, at once')
    .requiredOption('--reason <text>', 'why: it is in every refusal and in the audit log')
    .addHelpText(
      'after',
      `
One operator's signature is enough. Nodes remember a halt over restarts; a node that is away reads of it when it comes
back. Only \`quorate resume\` ends it.

Examples:
  $ quorate halt --reason "suspicious transfers"
  $ quorate halt --key k_7f3a --reason "key owner left"
  $ quorate halt --requester alice --reason "her key was stolen" --json`,
    );
  return withScope(command).action(async (options: HaltOptions, self: Command) => {
    const { stack, output } = contextOf(self);
    const { reason } = options;
    const scope = scopeOf(options);
    const signed = signAsOperators(stack, { what: 'Halt', scope, reason });
    const started = performance.now();
    const { halts, nodes } = await withControl(stack, (control) => control.halt({ scope, reason }, signed));
    const milliseconds = Math.round(performance.now() - started);
    const document = { scope, reason, haltId: halts[0], nodes, milliseconds };
    output.result(document, () =>
      [
        `Halted (${scope}) at the coordinators, after ${milliseconds} ms. The nodes:`,
        nodeTable(nodes, output),
        'A node that did not confirm reads it when it can. To go on: quorate resume',
      ].join('\n'),
    );
  });
}

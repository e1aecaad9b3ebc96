import { type ControlClient, type HaltOutcome } from '@quorate/client';
import { MAX_HALTS_PER_RESUME } from '@quorate/protocol';
import { Command } from 'commander';
import { contextOf } from '../context';
import { CommandFailure, EXIT } from '../exit-code';
import { signAsOperators } from '../keys/operators';
import { withControl } from '../stack/connections';
import { type Stack } from '../stack/stack-file';
import { nodeTable, scopeOf, type ScopeOptions, withScope } from './scope';

export function resumeCommand(): Command {
  const command = new Command('resume').description('end the halts of a scope').addHelpText(
    'after',
    `
Every operator of the stack signs it; the nodes ask for as many as their policies say. It ends exactly the halts of this
scope that are there now: one that comes later stays. A halt of everything is not ended with --key or --requester.
Exit status 3 when nothing is halted in the scope.

Examples:
  $ quorate resume
  $ quorate resume --key k_7f3a
  $ quorate resume --requester alice --json`,
  );
  return withScope(command).action(async (options: ScopeOptions, self: Command) => {
    const { stack, output } = contextOf(self);
    const scope = scopeOf(options);
    const { halts, nodes } = await withControl(stack, (control) => resume(control, scope, stack));
    output.result({ scope, halts, nodes }, () =>
      [`Resumed (${scope}): ${halts.length} halt(s) ended. The nodes:`, nodeTable(nodes, output)].join('\n'),
    );
  });
}

/** Names every halt of the scope that coordinators or nodes know. */
async function resume(control: ControlClient, scope: string, stack: Stack): Promise<HaltOutcome> {
  const known = await control.listHalts();
  const inScope = known.flatMap((halt) => (halt.scope === scope ? [halt.haltId] : []));
  if (inScope.length === 0) {
    const scopes = [...new Set(known.map((halt) => halt.scope))];
    const elsewhere = scopes.length === 0 ? '' : `; halted: ${scopes.join(', ')}`;
    throw new CommandFailure(
      EXIT.notFound,
      'not-halted',
      `nothing is halted in the scope ${scope}${elsewhere}`,
    );
  }
  const ended: string[] = [];
  let nodes: HaltOutcome['nodes'] = [];
  for (let from = 0; from < inScope.length; from += MAX_HALTS_PER_RESUME) {
    const halts = inScope.slice(from, from + MAX_HALTS_PER_RESUME);
    const signed = signAsOperators(stack, { what: 'Resume', scope, halts });
    const outcome = await control.resume({ scope }, signed);
    ended.push(...outcome.halts);
    ({ nodes } = outcome);
  }
  return { halts: ended, nodes };
}

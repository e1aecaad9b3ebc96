import { Command } from 'commander';
import { CommandFailure, EXIT } from '../exit-code';
import { loadStack } from '../stack/stack-file';
import { columns } from '../terminal/layout';
import { type Output, terminalOutput } from '../terminal/output';
import { checkAudit } from './checks/audit';
import { checkChain } from './checks/chain';
import { checkControl } from './checks/control';
import { checkDatabases } from './checks/databases';
import { checkIdentities } from './checks/identities';
import { checkKafka } from './checks/kafka';
import { checkNodeVersion } from './checks/node-version';
import { checkProcesses } from './checks/processes';
import { checkRotation } from './checks/rotation';
import { broken, type Finding } from './finding';

const EXAMPLES = `
Exit status 0 when nothing is broken, 1 otherwise.

Examples:
  $ quorate doctor
  $ quorate doctor --json`;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('check every part of the stack, with remedies')
    .addHelpText('after', EXAMPLES)
    .action(async (_options: object, command: Command) => {
      const { json, stack } = command.optsWithGlobals<{ json?: boolean; stack?: string }>();
      const output = terminalOutput(json === true);
      output.note('looking at every part ...');
      const findings = await examine(stack);
      const count = findings.filter(({ state }) => state === 'broken').length;
      const document = { ok: count === 0, findings };
      if (count === 0) {
        output.result(document, () => table(findings, output));
        return;
      }
      if (!json) output.result(document, () => table(findings, output));
      const message = `${count} of ${findings.length} checks found something broken`;
      throw new CommandFailure(EXIT.failure, 'broken', message, document);
    });
}

async function examine(stackFile: string | undefined): Promise<Finding[]> {
  const node = checkNodeVersion(process.versions.node);
  try {
    const stack = loadStack(stackFile);
    const checks = await Promise.all([
      checkProcesses(stack),
      checkKafka(stack),
      checkDatabases(stack),
      checkChain(stack),
      checkControl(stack),
      checkIdentities(stack),
      checkRotation(stack),
      checkAudit(stack),
    ]);
    return [node, ...checks.flat()];
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const [detail = error.message, ...remedy] = error.message.split(': ');
    return [node, broken('stack', detail, remedy.join(': '))];
  }
}

function table(findings: readonly Finding[], output: Output): string {
  const marks = {
    ok: output.paint('green', 'ok'),
    warning: output.paint('yellow', 'warning'),
    broken: output.paint('red', 'broken'),
  };
  const rows = findings.flatMap(({ part, state, detail, remedy }) => [
    [marks[state], part, detail],
    ...(remedy === undefined ? [] : [['', '', output.paint('dim', `-> ${remedy}`)]]),
  ]);
  return columns(rows);
}

import { Command } from 'commander';
import { auditCommand } from './audit/audit.command';
import { doctorCommand } from './doctor/doctor.command';
import { haltCommand } from './halt/halt.command';
import { resumeCommand } from './halt/resume.command';
import { identitiesCommand } from './identities/identities.command';
import { initCommand } from './init/init.command';
import { keysCommand } from './keys/keys.command';
import { nodeCommand } from './node/node.command';
import { nodesCommand } from './nodes/nodes.command';
import { policyCommand } from './policy/policy.command';
import { sendCommand } from './send/send.command';
import { signCommand } from './sign/sign.command';
import { stackCommand } from './stack/stack.command';
import { statusCommand } from './status/status.command';

const AFTER = `
Exit status:
  0  done
  1  failure: the message says cause and remedy
  2  wrong usage
  3  unknown id, or no answer in time
  4  the installation said no: request rejected, transaction failed or reverted

Examples:
  $ quorate doctor
  $ quorate keys list
  $ quorate nodes list
  $ quorate sign --message hello
  $ quorate send --to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8 --ether 0.001
  $ quorate audit list --limit 5 --json`;

/** The command line. Its actions throw; `main` turns what they throw into a message and an exit status. */
export function createProgram(): Command {
  const program = new Command('quorate')
    .description('Signatures and transactions by a quorum of nodes, against a running stack (npm start).')
    .option('--json', 'print one JSON document instead of text')
    .option(
      '--stack <file>',
      'stack.json of the stack (default: .quorate/run/stack.json or deployment/stack.json, here or above)',
    )
    .addCommand(initCommand())
    .addCommand(keysCommand())
    .addCommand(nodesCommand())
    .addCommand(nodeCommand())
    .addCommand(signCommand())
    .addCommand(sendCommand())
    .addCommand(statusCommand())
    .addCommand(identitiesCommand())
    .addCommand(policyCommand())
    .addCommand(auditCommand())
    .addCommand(haltCommand())
    .addCommand(resumeCommand())
    .addCommand(stackCommand())
    .addCommand(doctorCommand())
    .addHelpText('after', AFTER);
  return everywhere(program, (command) => {
    command.exitOverride().showHelpAfterError('(--help shows how to use it)');
    command.configureHelp({ showGlobalOptions: true });
  });
}

function everywhere(command: Command, configure: (command: Command) => void): Command {
  configure(command);
  for (const child of command.commands) everywhere(child, configure);
  return command;
}

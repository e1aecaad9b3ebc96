import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { contextOf } from '../context';
import { CommandFailure, EXIT } from '../exit-code';
import { columns } from '../terminal/layout';
import { readinessOf } from './readiness';
import { type PartStatus, Supervisor } from './supervisor';

/** How long a whole stack may take to end: its services and what they use, one after the other. */
const END_LIMIT_MS = 40_000;

export function stackCommand(): Command {
  return new Command('stack')
    .description('the parts of a running embedded stack: start, stop, status')
    .addCommand(statusCommand())
    .addCommand(stopCommand())
    .addCommand(startCommand());
}

function statusCommand(): Command {
  return new Command('status')
    .description('every part: state, process, restarts, and what keeps it from being ready')
    .argument('[name]', 'only this part')
    .addHelpText(
      'after',
      `
Examples:
  $ quorate stack status
  $ quorate stack status node-1 --json`,
    )
    .action(async (name: string | undefined, _options: object, command: Command) => {
      const { stack, output } = contextOf(command);
      const parts = await new Supervisor(stack).parts();
      const chosen = parts.filter((part) => name === undefined || part.name === name);
      if (chosen.length === 0) throw noSuchPart(name, parts);
      const shown = await Promise.all(
        chosen.map(async (part) => {
          const health = part.pid === null ? undefined : stack.processes[part.name]?.health;
          const readiness = health === undefined ? undefined : await readinessOf(health);
          return {
            ...part,
            ready: readiness?.ready ?? part.state === 'ready',
            reason: readiness?.reason ?? '',
          };
        }),
      );
      output.result({ parts: shown }, () =>
        columns([
          ['PART', 'STATE', 'PID', 'SINCE', 'RESTARTS', 'REMARKS'].map((text) => output.paint('dim', text)),
          ...shown.map(row),
        ]),
      );
    });
}

function stopCommand(): Command {
  return new Command('stop')
    .description('stop one part, which stays stopped; without a name the whole stack')
    .argument('[name]', 'a part, as `quorate stack status` names it')
    .addHelpText(
      'after',
      `
A part that merely dies is started again after a second; one that is stopped waits for \`quorate stack start\`.

Examples:
  $ quorate stack stop node-3          # the others go on signing
  $ quorate stack stop                 # as Ctrl-C in the terminal of npm start`,
    )
    .action(async (name: string | undefined, _options: object, command: Command) => {
      const { stack, stackFile, output } = contextOf(command);
      const supervisor = new Supervisor(stack);
      if (name !== undefined) {
        output.note(`stopping ${name} ...`);
        await supervisor.stop(name);
        output.result({ stopped: [name] }, () => `${name} is stopped: quorate stack start ${name}`);
        return;
      }
      const running = (await supervisor.parts()).filter(({ state }) => state !== 'stopped');
      output.note('stopping the stack ...');
      await supervisor.stopAll();
      await ended(stackFile);
      output.result({ stopped: running.map((part) => part.name) }, () => 'the stack is stopped: npm start');
    });
}

function startCommand(): Command {
  return new Command('start')
    .description('start a part that was stopped and wait until it is ready; without a name all of them')
    .argument('[name]', 'a part, as `quorate stack status` names it')
    .addHelpText(
      'after',
      `
The stack itself is started by \`npm start\`.

Examples:
  $ quorate stack start node-3
  $ quorate stack start`,
    )
    .action(async (name: string | undefined, _options: object, command: Command) => {
      const { stack, output } = contextOf(command);
      const supervisor = new Supervisor(stack);
      const stopped = (await supervisor.parts()).flatMap((part) =>
        part.state === 'stopped' ? [part.name] : [],
      );
      const wanted = name === undefined ? stopped : [name];
      // In the order of their first start: what others use comes before them.
      for (const part of wanted) {
        output.note(`starting ${part} ...`);
        await supervisor.start(part);
      }
      output.result({ started: wanted }, () =>
        wanted.length === 0 ? 'no part is stopped' : `ready: ${wanted.join(', ')}`,
      );
    });
}

function row({
  name,
  state,
  pid,
  since,
  restarts,
  ready,
  reason,
}: PartStatus & { ready: boolean; reason: string }) {
  const shown = state === 'ready' && !ready ? 'not ready' : state;
  return [name, shown, pid === null ? '' : String(pid), since.slice(11, 19), String(restarts), reason];
}

function noSuchPart(name: string | undefined, parts: readonly PartStatus[]): CommandFailure {
  const names = parts.map((part) => part.name).join(', ');
  return new CommandFailure(EXIT.notFound, 'no-such-part', `no part is named ${name ?? ''}: ${names}`);
}

/** The stack removes its description last. */
async function ended(stackFile: string): Promise<void> {
  const deadline = Date.now() + END_LIMIT_MS;
  while (existsSync(stackFile)) {
    if (Date.now() > deadline) {
      const seconds = END_LIMIT_MS / 1000;
      throw new CommandFailure(EXIT.failure, 'timeout', `the stack has not ended after ${seconds} s`);
    }
    await delay(100);
  }
}

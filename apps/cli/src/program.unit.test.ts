import { type Command, CommanderError } from 'commander';
import { Invalid, Refused, Unavailable } from '@quorate/platform';
import { asFailure, CommandFailure } from './exit-code';
import { createProgram } from './program';
import { columns } from './terminal/layout';
import { terminalOutput } from './terminal/output';

/** A program that prints nothing. */
function silent(): Command {
  const quiet = (command: Command): void => {
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    command.commands.forEach(quiet);
  };
  const program = createProgram();
  quiet(program);
  return program;
}

async function exitCodeOf(...args: string[]): Promise<number> {
  try {
    await silent().parseAsync(['node', 'quorate', ...args]);
    return 0;
  } catch (error) {
    return asFailure(error).exitCode;
  }
}

describe('the command line', () => {
  it.each([[['--help']], [['keys', 'create', '--help']], [['help', 'sign']]])('%j succeeds', async (args) => {
    expect(await exitCodeOf(...args)).toBe(0);
  });

  it.each([
    [['sgin']],
    [['init', '--nodes', '1']],
    [['init', '--chain-id', 'mainnet']],
    [['init', '--host', 'a b']],
    [['init', '--postgres-host', 'db']],
    [['keys', 'create', '--threshold', '1']],
    [['keys', 'create', '--threshold', 'two']],
    [['keys', 'create', '--scheme', 'rsa']],
    [['keys', 'reshare', 'k_1']],
    [['keys', 'reshare', 'k_1', '--nodes', 'node-1,,node-2']],
    [['keys', 'refresh']],
    [['nodes', 'unban', 'k_1', 'node-1']],
    [['sign']],
    [['sign', '--message-hex', '0x0']],
    [['send', '--ether', '1']],
    [['send', '--to', '0x00', '--ether', '1.0.0']],
    [['status']],
    [['audit', 'list', '--order', 'up']],
  ])('%j is wrong usage', async (args) => {
    expect(await exitCodeOf(...args)).toBe(2);
  });

  it.each([[['keys', 'list']], [['status', 'x']], [['sign', '--message', 'a']]])(
    '%j fails without a stack',
    async (args) => {
      expect(await exitCodeOf('--stack', '/nowhere/stack.json', ...args)).toBe(1);
    },
  );

  it('shows an example in the help of every command', () => {
    const leaves = (command: Command): Command[] =>
      command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
    for (const leaf of leaves(createProgram())) {
      let help = '';
      leaf.configureOutput({ writeOut: (text) => (help += text) });
      leaf.outputHelp();
      expect(help).toContain(
        `$ quorate ${leaf.parent?.name() === 'quorate' ? '' : `${leaf.parent?.name()} `}${leaf.name()}`,
      );
      expect(help).toContain('--json');
    }
  });
});

describe('exit status', () => {
  it.each([
    [new Unavailable('timeout', 'x'), 3],
    [new Invalid('not-found', 'x'), 3],
    [new Refused('permission-denied', 'x'), 4],
    [new Invalid('request', 'x'), 2],
    [new Invalid('final', 'x'), 1],
    [new Unavailable('connect', 'x'), 1],
    [new Error('x'), 1],
    [new CommandFailure(4, 'policy', 'x'), 4],
    [new CommanderError(0, 'commander.help', 'x'), 0],
  ])('of %s is %i', (error, status) => {
    expect(asFailure(error).exitCode).toBe(status);
  });
});

describe('terminal output', () => {
  function written(isTTY: boolean, env: Record<string, string> = {}): string {
    let text = '';
    const stream = { isTTY, write: (part: string) => (text += part) };
    const output = terminalOutput(false, stream, stream, env);
    output.result({}, () => output.paint('green', 'ok'));
    return text;
  }

  it('has colours on a terminal only, and not with NO_COLOR', () => {
    expect(written(true)).toContain('\u001b[');
    expect(written(false)).toBe('ok\n');
    expect(written(true, { NO_COLOR: '1' })).toBe('ok\n');
  });

  it('is one JSON document with --json, without notes', () => {
    let text = '';
    const stream = { isTTY: true, write: (part: string) => (text += part) };
    const output = terminalOutput(true, stream, stream, {});
    output.note('waiting');
    output.result({ a: 1 }, () => 'for people');
    expect(JSON.parse(text)).toEqual({ a: 1 });
  });

  it('aligns columns whatever their colours', () => {
    expect(
      columns([
        ['\u001b[32mok\u001b[39m', 'b'],
        ['broken', 'c'],
      ]),
    ).toBe('\u001b[32mok\u001b[39m      b\nbroken  c');
  });
});

import { type Command } from 'commander';
import { loadStack, locateStack, type Stack } from './stack/stack-file';
import { type Output, terminalOutput } from './terminal/output';

interface GlobalOptions {
  json?: boolean;
  stack?: string;
}

/** What every command works with. */
export interface Context {
  readonly stack: Stack;
  /** Where its description lies. */
  readonly stackFile: string;
  readonly output: Output;
}

/** For commands that may do without a stack: it is looked for when it is asked for. */
export function lazyContextOf(command: Command): { output: Output; stack: () => Stack } {
  const { json, stack } = command.optsWithGlobals<GlobalOptions>();
  return { output: terminalOutput(json === true), stack: () => loadStack(stack) };
}

export function contextOf(command: Command): Context {
  const { json, stack } = command.optsWithGlobals<GlobalOptions>();
  return { stack: loadStack(stack), stackFile: locateStack(stack), output: terminalOutput(json === true) };
}

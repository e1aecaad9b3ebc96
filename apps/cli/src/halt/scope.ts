import { type HaltOutcome } from '@quorate/client';
import { type Command } from 'commander';
import { usageError } from '../exit-code';
import { columns } from '../terminal/layout';
import { type Output } from '../terminal/output';

export interface ScopeOptions {
  key?: string;
  requester?: string;
}

export function withScope(command: Command): Command {
  return command
    .option('--key <keyId>', 'only what this key signs')
    .option('--requester <kid>', 'only what this requester asks for, also by intents');
}

/** `all`, `key:<keyId>` or `requester:<kid>`. */
export function scopeOf({ key, requester }: ScopeOptions): string {
  if (key !== undefined && requester !== undefined) throw usageError('Give --key or --requester, not both.');
  if (key !== undefined) return `key:${key}`;
  return requester === undefined ? 'all' : `requester:${requester}`;
}

/** What each node said, one a line. */
export function nodeTable(nodes: HaltOutcome['nodes'], output: Output): string {
  return columns(
    nodes.map(({ nodeId, state, reason }) => [
      `  ${nodeId}`,
      output.paint(state === 'confirmed' ? 'green' : 'yellow', state),
      reason,
    ]),
  );
}

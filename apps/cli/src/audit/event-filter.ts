import { type Command } from 'commander';
import { type AuditFilter } from '@quorate/client';
import { utcTime } from '../terminal/option-values';

/** The options of `withEventFilter`, as commander gives them. */
export interface FilterOptions {
  request?: string;
  intent?: string;
  key?: string;
  type?: string;
  actor?: string;
  from?: string;
  to?: string;
}

/** Adds the options that say which events are meant. */
export function withEventFilter(command: Command): Command {
  return command
    .option('--request <requestId>', 'about this sign request')
    .option('--intent <intentId>', 'about this transaction intent')
    .option('--key <keyId>', 'about this key')
    .option('--type <type>', 'of this type, such as quorate.sign.completed.v1')
    .option('--actor <source>', 'decided by this service, such as /node/node-1')
    .option('--from <time>', 'at this time (RFC 3339, UTC) or later', utcTime)
    .option('--to <time>', 'before this time', utcTime);
}

export function eventFilter({ request, intent, key, type, actor, from, to }: FilterOptions): AuditFilter {
  return { requestId: request, intentId: intent, keyId: key, type, actor, from, to };
}

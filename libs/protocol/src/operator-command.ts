import { readStrictJson } from './json/strict-json';
import { schemaIssues } from './record/schema-issues';
import {
  type CommandName,
  type CommandOf,
  type OperatorCommand,
  operatorCommandSchema,
} from './schemas/operator-command';

/** A command, or what is wrong with its bytes. */
export type OperatorCommandReading<W extends CommandName> =
  { readonly ok: true; readonly command: CommandOf<W> } | { readonly ok: false; readonly reason: string };

/**
 * Reads the exact bytes that operators signed as a command of this kind. Who signed them, and until when they count, is
 * for the reader to check.
 */
export function readOperatorCommand<W extends CommandName>(
  what: W,
  bytes: Buffer,
): OperatorCommandReading<W> {
  const json = readStrictJson(bytes);
  if (!json.ok) return { ok: false, reason: json.reason };
  const parsed = operatorCommandSchema.safeParse(json.data);
  if (!parsed.success || json.problems.length > 0) {
    const problems = [...json.problems, ...(parsed.success ? [] : schemaIssues(parsed.error))];
    return { ok: false, reason: problems.join('; ') };
  }
  if (isOf(what, parsed.data)) return { ok: true, command: parsed.data };
  return { ok: false, reason: `the operators signed ${parsed.data.what}, not ${what}` };
}

function isOf<W extends CommandName>(what: W, command: OperatorCommand): command is CommandOf<W> {
  return command.what === what;
}

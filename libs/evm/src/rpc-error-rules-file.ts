/** Rules for error texts that this version does not know, from a JSON file of whoever runs the submitter. */
import { Invalid } from '@quorate/platform';
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { z } from 'zod';

import { type RpcErrorRule, rejections } from './rpc-error-table';

const entrySchema = z.strictObject({
  client: z.string().regex(/^[\w .-]{1,40}$/, 'must be 1 to 40 letters, digits, spaces, dots or dashes'),
  /** A JavaScript regular expression, without slashes; upper and lower case are the same. */
  pattern: z.string().min(4, 'must have at least 4 characters').max(300, 'must have at most 300 characters'),
  class: z.enum(['known', 'nonce-used', 'node-trouble', ...rejections]),
  example: z.string().min(1).max(300),
});

/**
 * Reads rules: a JSON list of `{client, pattern, class, example}`, each with a text that its pattern matches and no
 * earlier rule of the file does.
 *
 * @param file its name, for the message.
 * @throws Invalid `rpc-errors` naming the line and the entry (from 1) of each mistake.
 */
export function parseErrorRules(text: string, file: string): RpcErrorRule[] {
  const mistakes: ParseError[] = [];
  const root = parseTree(text, mistakes, { disallowComments: true, allowTrailingComma: false });
  const [mistake] = mistakes;
  if (mistake !== undefined || root?.type !== 'array') {
    const reason = mistake === undefined ? 'a list was expected' : printParseErrorCode(mistake.error);
    throw new Invalid('rpc-errors', `${file}, line ${lineAt(text, mistake?.offset ?? 0)}: ${reason}.`);
  }
  const rules: RpcErrorRule[] = [];
  const problems: string[] = [];
  const entries: unknown = JSON.parse(text);
  for (const [place, entry] of z.array(z.unknown()).parse(entries).entries()) {
    const read = readEntry(entry, rules);
    if ('rule' in read) rules.push(read.rule);
    else problems.push(`line ${lineAt(text, offsetOf(root, place))}, entry ${place + 1}: ${read.problem}`);
  }
  if (problems.length > 0) throw new Invalid('rpc-errors', `${file} is not valid: ${problems.join('; ')}.`);
  return rules;
}

function readEntry(
  entry: unknown,
  earlier: readonly RpcErrorRule[],
): { rule: RpcErrorRule } | { problem: string } {
  const parsed = entrySchema.safeParse(entry);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
    return { problem: issues.join(', ') };
  }
  let pattern: RegExp;
  try {
    pattern = new RegExp(parsed.data.pattern, 'i');
  } catch {
    return { problem: 'pattern: is not a regular expression' };
  }
  if (pattern.test('')) return { problem: 'pattern: matches every text' };
  if (!pattern.test(parsed.data.example)) return { problem: 'pattern: does not match its example' };
  const before = earlier.findIndex((rule) => rule.pattern.test(parsed.data.example));
  if (before >= 0) return { problem: `example: entry ${before + 1} matches it already` };
  return { rule: { ...parsed.data, pattern } };
}

function offsetOf(root: Node, place: number): number {
  return findNodeAtLocation(root, [place])?.offset ?? 0;
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

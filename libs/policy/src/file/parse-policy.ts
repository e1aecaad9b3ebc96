import { Invalid } from '@quorate/platform';
import { readStrictJson } from '@quorate/protocol';
import { JsonSource, type SourcePlace } from './json-source';
import { type Policy, policyFile } from './policy-file';

/** What is wrong in a policy file, and where. */
export interface PolicyProblem extends SourcePlace {
  /** Such as `requesters[0].transactions.1.fees.gasLimit`; empty for the file as a whole. */
  readonly path: string;
  readonly reason: string;
}

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] };

/** Reads a policy file: strict JSON (no comments, every name once), no unknown fields. Never throws. */
export function parsePolicy(text: string): ParsedPolicy {
  const json = readStrictJson(Buffer.from(text));
  // Depth comes first: the reader that knows the places is recursive.
  if (!json.ok && json.code !== 'not-json')
    return wrong([problemAt({ line: 1, column: 1 }, [], json.reason)]);
  const source = new JsonSource(text);
  if (!json.ok) {
    const mistakes = source.mistakes.map(({ place, reason }) => problemAt(place, [], reason));
    return wrong(mistakes.length > 0 ? mistakes : [problemAt(source.place([]), [], json.reason)]);
  }
  const twice = source
    .duplicates()
    .map(({ path, place }) => problemAt(place, path, 'is given twice: give it once'));
  if (twice.length > 0) return wrong(twice);
  if (json.problems.length > 0) {
    return wrong(json.problems.map((reason) => problemAt(source.place([]), [], reason)));
  }
  const parsed = policyFile.safeParse(json.data);
  if (parsed.success) return { ok: true, policy: parsed.data };
  return wrong(
    parsed.error.issues.map((issue) => {
      const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
      if (issue.code === 'unrecognized_keys') {
        const unknown = [...path, issue.keys[0] ?? ''];
        return problemAt(source.place(unknown), unknown, issue.message);
      }
      return problemAt(source.place(path), path, source.has(path) ? issue.message : 'is missing');
    }),
  );
}

/**
 * @param file name, for the message
 * @throws Invalid `policy`: one line for each problem, `file:line:column: path: reason`
 */
export function readPolicy(text: string, file: string): Policy {
  const parsed = parsePolicy(text);
  if (parsed.ok) return parsed.policy;
  throw new Invalid('policy', describeProblems(parsed.problems, file), {
    details: { problems: parsed.problems },
  });
}

/** The problems as an editor understands them, one a line. */
export function describeProblems(problems: readonly PolicyProblem[], file: string): string {
  return problems
    .map(
      ({ line, column, path, reason }) =>
        `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${reason}`,
    )
    .join('\n');
}

function wrong(problems: readonly PolicyProblem[]): ParsedPolicy {
  return { ok: false, problems };
}

function problemAt(place: SourcePlace, path: readonly (string | number)[], reason: string): PolicyProblem {
  const text = path.reduce<string>((before, step) => {
    if (typeof step === 'number') return `${before}[${step}]`;
    return before === '' ? step : `${before}.${step}`;
  }, '');
  return { ...place, path: text, reason };
}

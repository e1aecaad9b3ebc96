import { readFileSync } from 'node:fs';
import { asQuorateError } from '@quorate/platform';
import { describeProblems, parsePolicy, type Policy } from '@quorate/policy';
import { Command } from 'commander';
import { CommandFailure, EXIT, usageError } from '../exit-code';
import { columns, facts } from '../terminal/layout';
import { listOf, utcTime } from '../terminal/option-values';
import { type Output, terminalOutput } from '../terminal/output';
import { type Explanation, explainRequest } from './explain';

interface CheckOptions {
  request?: string;
  at?: string;
  approvedBy?: string[];
}

const EXAMPLES = `
Needs no running stack. Without --request the file alone is checked. A request file holds the JSON of a sign request or
of an intent, as it goes to the topic; its signature is not looked at, and windows are taken as unused.

Exit status 1 when the policy file is not valid, 4 when the request would be refused.

Examples:
  $ quorate policy check policy-node-1.json
  $ quorate policy check policy-node-1.json --request payout.json
  $ quorate policy check policy-node-1.json --request payout.json --approved-by bob,carol --at 2026-12-01T12:00:00Z
  $ quorate policy check policy-node-1.json --request - --json < request.json`;

export function policyCommand(): Command {
  return new Command('policy').description('what a node signs: check').addCommand(checkCommand());
}

function checkCommand(): Command {
  return new Command('check')
    .description("check a node's policy file, and explain its decision on a request")
    .argument('<file>', 'the policy file (POLICY_FILE of a node)')
    .option('-r, --request <file>', 'a sign request or an intent, as JSON; - reads standard input')
    .option('--at <time>', 'when the node would be asked (default: now)', utcTime)
    .option(
      '--approved-by <kids>',
      'approvers whose approval is taken as given, with commas between them',
      listOf,
    )
    .addHelpText('after', EXAMPLES)
    .action((file: string, options: CheckOptions, command: Command) => {
      const output = terminalOutput(command.optsWithGlobals<{ json?: boolean }>().json === true);
      const policy = policyIn(file);
      if (options.request === undefined) {
        output.result(summary(file, policy), () => describePolicy(file, policy));
        return;
      }
      const explanation = explain(policy, options.request, options);
      const document = { ...summary(file, policy), ...explanation };
      const { allowed, rule, reason } = explanation;
      if (allowed) {
        output.result(document, () => describeExplanation(explanation, output));
        return;
      }
      if (!output.json) output.result(document, () => describeExplanation(explanation, output));
      throw new CommandFailure(
        EXIT.rejected,
        'policy',
        `the node would refuse: ${rule}: ${reason}`,
        document,
      );
    });
}

function policyIn(file: string): Policy {
  const parsed = parsePolicy(read(file).toString('utf8'));
  if (parsed.ok) return parsed.policy;
  const { problems } = parsed;
  const message = `the policy is not valid:\n${describeProblems(problems, file)}`;
  throw new CommandFailure(EXIT.failure, 'policy-file', message, { valid: false, file, problems });
}

function explain(policy: Policy, file: string, { at, approvedBy = [] }: CheckOptions): Explanation {
  const value = read(file === '-' ? 0 : file);
  try {
    return explainRequest(policy, value, { at: at === undefined ? new Date() : new Date(at), approvedBy });
  } catch (thrown) {
    const error = asQuorateError(thrown);
    if (error.kind !== 'invalid') throw thrown;
    throw usageError(`${file} is no sign request or intent: ${error.message}`);
  }
}

function read(file: string | number): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw usageError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function summary(file: string, { hash, policyVersion }: Policy) {
  return { valid: true, file, hash, ...(policyVersion !== undefined && { policyVersion }) };
}

function describePolicy(file: string, policy: Policy): string {
  const { operatorsRequired, operators, requesters, reshare } = policy;
  return facts([
    ['policy', `${file} is valid`],
    ['version', policy.policyVersion],
    ['hash', policy.hash],
    ['operators', `${operatorsRequired} of ${[...operators.keys()].join(', ')}`],
    ['requesters', [...requesters.values()].map(({ entry }) => `${entry.kid} (${entry.role})`).join(', ')],
    ['least threshold of a reshare', reshare.minimumThreshold],
  ]);
}

function describeExplanation({ allowed, rule, facts: found, findings }: Explanation, output: Output): string {
  const { call, ...plain } = found;
  const named = Object.entries(call?.arguments ?? {}).map(([name, value]) => `${name} ${value}`);
  const known = facts([
    ...Object.entries(plain).map(
      ([name, value]) => [name, value === null ? 'a new contract' : value] as const,
    ),
    ['call', call && `${call.signature}: ${named.join(', ')}`],
  ]);
  const rows = columns(
    findings.map((finding) => [
      finding.allowed ? output.paint('green', 'pass') : output.paint('red', 'FAIL'),
      finding.rule,
      finding.reason,
    ]),
  );
  const verdict = allowed
    ? output.paint('green', 'the node would sign')
    : output.paint('red', `refused by ${rule}`);
  return `${known}\n\n${rows}\n\n${verdict}`;
}

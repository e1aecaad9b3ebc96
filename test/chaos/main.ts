import { messageOf } from '../../deploy/embedded/terminal/start-failure';
import { runAuditorChaos } from './auditor/auditor-chaos';
import { parseChaosOptions, USAGE } from './options';
import { Campaign, type CampaignResult } from './run/campaign';
import { runSubmitterChaos } from './submitter/submitter-chaos';
import { writeReport } from './write-report';

/** `npm run test:chaos`. Exit status 1 when a promise was broken. */
async function main(): Promise<void> {
  const [part, ...args] = process.argv.slice(2);
  const runPart = { submitter: runSubmitterChaos, auditor: runAuditorChaos }[part ?? ''];
  if (runPart !== undefined) {
    if (!(await runPart(args))) process.exitCode = 1;
    return;
  }
  const options = parseChaosOptions(process.argv.slice(2));
  if (options === 'help') {
    console.log(USAGE);
    return;
  }
  const campaign = new Campaign(options, (text) => console.log(text));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log(summary(campaign.result()));
      void campaign.stop().finally(() => process.exit(130));
    });
  }
  const result = await campaign.run();
  const file = writeReport(options.report, 'report.json', { options, ...result });
  console.log(`${summary(result)}\nreport: ${file}`);
  if (result.violated.length > 0) process.exitCode = 1;
}

function summary({
  runs,
  seconds,
  faults,
  outcomes,
  answersToForged,
  durations,
  memory,
  violated,
}: CampaignResult): string {
  const list = (counts: Readonly<Record<string, number>>, unit = ''): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}${unit}`)
      .join(', ') || 'none';
  return [
    '',
    `runs      ${runs} in ${seconds} s (p50 ${durations.p50} ms, p90 ${durations.p90} ms, longest ${durations.highest} ms)`,
    `faults    ${list(faults)}`,
    `outcomes  ${list(outcomes)}`,
    `forged    ${list(answersToForged)} (answers of nodes to orders of the compromised coordinator)`,
    `memory    ${list(memory, ' MiB')}`,
    violated.length === 0
      ? 'violations: none'
      : `VIOLATIONS in ${violated.length} runs: seeds ${violated.map(({ seed }) => seed).join(', ')}`,
  ].join('\n');
}

/** What parseArgs (node:util) refuses. */
function isWrongOption(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_');
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    if (isWrongOption(error)) console.error(`${error.message}\n\n${USAGE}`);
    else console.error(error instanceof Error ? error.stack : messageOf(error));
    process.exit(1);
  },
);

import { writeReport } from '../write-report';
import { parseSubmitterOptions, USAGE } from './options';
import { type CampaignResult, SubmitterCampaign } from './run/campaign';

/** `npm run test:chaos -- submitter`. @returns whether every promise was kept */
export async function runSubmitterChaos(args: string[]): Promise<boolean> {
  const options = parseSubmitterOptions(args);
  if (options === 'help') {
    console.log(USAGE);
    return true;
  }
  const campaign = new SubmitterCampaign(options, (text) => console.log(text));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      console.log(summary(campaign.result()));
      void campaign.stop().finally(() => process.exit(130));
    });
  }
  const result = await campaign.run();
  const file = writeReport(options.report, 'submitter.json', { options, ...result });
  console.log(`${summary(result)}\nreport: ${file}`);
  return result.violated.length === 0;
}

function summary(result: CampaignResult): string {
  const {
    runs,
    intents,
    seconds,
    durations,
    faults,
    outcomes,
    replacements,
    fillers,
    kills,
    endings,
    violated,
  } = result;
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  return [
    '',
    `runs      ${runs} with ${intents} intents in ${seconds} s (p50 ${durations.p50} ms, p90 ${durations.p90} ms, longest ${durations.highest} ms)`,
    `faults    ${list(faults)}; ${kills} processes killed`,
    `outcomes  ${list(outcomes)}`,
    `made      ${replacements} replacements, ${fillers} fillers`,
    `ended by themselves: ${endings.map(({ submitter, how }) => `${submitter}: ${how}`).join(', ') || 'none'}`,
    violated.length === 0
      ? 'violations: none'
      : `VIOLATIONS in ${violated.length} runs: seeds ${violated.map(({ seed }) => seed).join(', ')}`,
  ].join('\n');
}

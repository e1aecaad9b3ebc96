import { writeReport } from '../write-report';
import { runKills } from './kill-run';
import { parseAuditorOptions, USAGE } from './options';

/** `npm run test:chaos -- auditor`. @returns whether the log is what was written */
export async function runAuditorChaos(args: string[]): Promise<boolean> {
  const options = parseAuditorOptions(args);
  if (options === 'help') {
    console.log(USAGE);
    return true;
  }
  const result = await runKills(options, (text) => console.log(text));
  const file = writeReport(options.report, 'auditor.json', { options, ...result });
  const { events, killedAt, whileStarting, checkpoints, seconds, violations } = result;
  console.log(
    [
      '',
      `killed      ${killedAt.length} times, ${whileStarting} of them while it started`,
      `compared    ${events} entries with the topic, ${checkpoints} checkpoints with the tree, after ${seconds} s`,
      ...(violations.length === 0 ? ['violations: none'] : ['VIOLATIONS', ...violations]),
      `report: ${file}`,
    ].join('\n'),
  );
  return violations.length === 0;
}

import { parseArgs } from 'node:util';
import { countOption } from '../count-option';

export const USAGE = `Usage: npm run test:chaos -- auditor [options]

The auditor alone, with a real Kafka and Postgres: it is killed (SIGKILL) again and again while it takes in a topic that is
full of signed events, in the middle of batches and while it starts. Then its log is compared with what was written: each
record once, in its place, under roots that contradict no checkpoint that was ever seen.

Options
  --events N       records on the topic (100000)
  --kills N        how often the auditor is killed (50)
  --seed S         the moments of the kills (1)
  --report FILE    where the report goes (.quorate/chaos/auditor.json)
  --help           this text

Examples
  npm run test:chaos -- auditor
  npm run test:chaos -- auditor --events 10000 --kills 5 --seed 7`;

export interface AuditorChaosOptions {
  readonly events: number;
  readonly kills: number;
  readonly seed: number;
  /** Default: .quorate/chaos/auditor.json. */
  readonly report: string | undefined;
}

/** @throws Error naming what is wrong with the arguments; 'help' when that is all that was asked */
export function parseAuditorOptions(args: string[]): AuditorChaosOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: 'string', default: '100000' },
      kills: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      report: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    events: countOption('--events', values.events, 1),
    kills: countOption('--kills', values.kills),
    seed: countOption('--seed', values.seed),
    report: values.report,
  };
}

import { parseArgs } from 'node:util';
import { countOption } from './count-option';
import { FAULT_KINDS } from './faults/catalogue';

export const USAGE = `Usage: npm run test:chaos -- [options]
       npm run test:chaos -- submitter [options]     (the transaction submitter alone; see its --help)
       npm run test:chaos -- auditor [options]       (the audit log alone; see its --help)

Runs the whole pipeline on this machine, hurts it, and checks what became of every request. A run is one seed.

Options
  --seeds N        how many runs (20)
  --seed S         the first seed (1); the others follow
  --faults LIST    only these kinds, comma-separated; "none" for no fault at all
                   (${FAULT_KINDS.join(', ')})
  --requests N     sign requests per run, besides the copies and conflicts among them (20)
  --intents N      at most so many transaction intents per run (2)
  --report FILE    where the report goes (.quorate/chaos/report.json)
  --keep           keep the stack's folder (logs, databases) also when nothing was violated
  --help           this text

After a violation the stack is replaced by a new one and its folder kept.`;

export interface ChaosOptions {
  readonly seeds: number;
  readonly seed: number;
  readonly faults: readonly string[];
  readonly requests: number;
  readonly intents: number;
  /** Default: .quorate/chaos/report.json. */
  readonly report: string | undefined;
  readonly keep: boolean;
}

/** @throws Error naming what is wrong with the arguments; 'help' when that is all that was asked */
export function parseChaosOptions(args: string[]): ChaosOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      faults: { type: 'string' },
      requests: { type: 'string', default: '20' },
      intents: { type: 'string', default: '2' },
      report: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    seeds: countOption('--seeds', values.seeds),
    seed: countOption('--seed', values.seed),
    faults: kinds(values.faults),
    requests: countOption('--requests', values.requests),
    intents: countOption('--intents', values.intents),
    report: values.report,
    keep: values.keep,
  };
}

function kinds(list: string | undefined): readonly string[] {
  if (list === undefined) return FAULT_KINDS;
  if (list === 'none') return [];
  const chosen = list.split(',').map((kind) => kind.trim());
  const unknown = chosen.filter((kind) => !FAULT_KINDS.includes(kind));
  if (unknown.length > 0)
    throw new Error(`--faults: there is no ${unknown.join(', ')}; there are ${FAULT_KINDS.join(', ')}`);
  return chosen;
}

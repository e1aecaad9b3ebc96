import { parseArgs } from 'node:util';
import { countOption } from '../count-option';
import { faultKinds } from './faults/catalogue';

/** What strikes when nothing is said. */
export const quickKinds: readonly string[] = faultKinds
  .filter(({ isSlow }) => isSlow !== true)
  .map(({ name }) => name);
const slowKinds = faultKinds.filter(({ isSlow }) => isSlow === true).map(({ name }) => name);

export const USAGE = `Usage: npm run test:chaos -- submitter [options]

Two transaction submitters on one database, one of them with a fee ladder, a chain behind two faulty JSON-RPC endpoints, and a stub that signs. Each run
(one seed) sends intents, hurts the submitters, makes everything whole again, and then walks the chain and the tables: each
intent executed once, or never when its end says so; no nonce missing; nothing sent that was not committed.

Options
  --seeds N        how many runs (20)
  --seed S         the first seed (1); the others follow
  --intents N      intents per run (200)
  --lanes N        accounts that they are spread over (6)
  --faults N       kinds of faults that strike in one run (3)
  --kinds LIST     only these kinds, comma-separated; "all" for the slow ones too; "none" for no fault at all
                   quick: ${quickKinds.join(', ')}
                   slow: ${slowKinds.join(', ')}
  --report FILE    where the report goes (.quorate/chaos/submitter.json)
  --keep           keep the folder (logs, databases) also when nothing was violated
  --help           this text

Examples
  npm run test:chaos -- submitter --seeds 100
  npm run test:chaos -- submitter --seeds 1 --seed 17
  npm run test:chaos -- submitter --seeds 10 --kinds kill-at-point,reorg --faults 2
  npm run test:chaos -- submitter --seeds 5 --kinds freeze-minute --faults 1

After a violation the bench is replaced by a new one and its folder kept.`;

export interface SubmitterChaosOptions {
  readonly seeds: number;
  readonly seed: number;
  readonly intents: number;
  readonly lanes: number;
  readonly faults: number;
  /** Names of kinds. */
  readonly kinds: readonly string[];
  /** Default: .quorate/chaos/submitter.json. */
  readonly report: string | undefined;
  readonly keep: boolean;
}

/** @throws Error naming what is wrong with the arguments; 'help' when that is all that was asked */
export function parseSubmitterOptions(args: string[]): SubmitterChaosOptions | 'help' {
  const { values } = parseArgs({
    args,
    options: {
      seeds: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      intents: { type: 'string', default: '200' },
      lanes: { type: 'string', default: '6' },
      faults: { type: 'string', default: '3' },
      kinds: { type: 'string' },
      report: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    seeds: countOption('--seeds', values.seeds),
    seed: countOption('--seed', values.seed),
    intents: countOption('--intents', values.intents, 1),
    lanes: countOption('--lanes', values.lanes, 1),
    faults: countOption('--faults', values.faults, 1),
    kinds: kindsIn(values.kinds),
    report: values.report,
    keep: values.keep,
  };
}

function kindsIn(list: string | undefined): readonly string[] {
  if (list === undefined) return quickKinds;
  if (list === 'none') return [];
  if (list === 'all') return [...quickKinds, ...slowKinds];
  const chosen = list.split(',').map((kind) => kind.trim());
  const unknown = chosen.filter((kind) => !faultKinds.some(({ name }) => name === kind));
  if (unknown.length === 0) return chosen;
  throw new Error(
    `--kinds: there is no ${unknown.join(', ')}; there are ${[...quickKinds, ...slowKinds].join(', ')}`,
  );
}

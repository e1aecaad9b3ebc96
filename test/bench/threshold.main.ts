import { type SuiteId } from '@quorate/threshold';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { baseMultiplicationMicroseconds } from './machine-speed';
import { benchFrost } from './frost.bench';
import { thresholdReport } from './threshold-report';
import { benchThreshold } from './threshold.bench';

const USAGE = `Usage: npm run bench:threshold -- [options]

Measures the threshold library alone: key generation, presignatures or nonces, signing. Takes a few minutes. Use an idle
machine, and one core: taskset -c 1 npm run bench:threshold

Options
  --schemes LIST   t-of-n (2-of-3,3-of-5)
  --suites LIST    1 and 2 are ECDSA, 3 is FROST for Ed25519, 4 FROST for BIP-340 (1,2,3,4)
  --batches LIST   presignatures per batch (1,8,12,32)
  --runs N         runs of each measurement (15; three times as many at batch 1, a third of key generation)
  --json           the figures as JSON
  --help           this text

Environment
  QUORATE_PROTOTYPE  folder of the reference prototype: each measurement alternates with the prototype's, and the table
                     shows both`;

/** `npm run bench:threshold`. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      schemes: { type: 'string', default: '2-of-3,3-of-5' },
      suites: { type: 'string', default: '1,2,3,4' },
      batches: { type: 'string', default: '1,8,12,32' },
      runs: { type: 'string', default: '15' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const schemes = values.schemes.split(',').map(parseScheme);
  const suites = values.suites.split(',').map(parseSuite);
  const batches = values.batches.split(',').map((text) => parseCount(text, 'batch'));
  const runs = parseCount(values.runs, 'number of runs');
  const ecdsa = suites.filter((suite) => suite === 1 || suite === 2);
  const frost = suites.filter((suite) => suite === 3 || suite === 4);
  const rows = [
    ...(await benchThreshold({ schemes, suites: ecdsa, batches, runs })),
    ...benchFrost(schemes, frost, runs),
  ];
  const machine = {
    processor: `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown processor'}`,
    node: process.versions.node,
    openssl: process.versions.openssl,
    platform: `${process.platform}-${process.arch}`,
    baseMultiplicationMicroseconds: baseMultiplicationMicroseconds(),
    load: loadavg()[0] ?? 0,
  };
  console.log(values.json ? JSON.stringify({ machine, rows }, null, 2) : thresholdReport(rows, machine));
}

function parseScheme(text: string): [threshold: number, parties: number] {
  const [, threshold, parties] = /^(\d+)-of-(\d+)$/.exec(text) ?? [];
  if (threshold === undefined || parties === undefined) throw new Error(`${text} is no scheme like 2-of-3`);
  return [Number(threshold), Number(parties)];
}

function parseSuite(text: string): SuiteId {
  const suite = ([1, 2, 3, 4] as const).find((id) => String(id) === text);
  if (suite === undefined) throw new Error(`${text} is no suite: 1, 2, 3 or 4`);
  return suite;
}

function parseCount(text: string, name: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new Error(`${text} is no ${name}`);
  return count;
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../deploy/embedded/files/project-root';
import { baseMultiplicationMicroseconds } from './machine-speed';
import { benchPipeline } from './pipeline/pipeline.bench';
import { benchmarkReport } from './report';
import { benchThreshold } from './threshold.bench';

const USAGE = `Usage: npm run bench -- [options]

Measures cryptography and pipeline on this machine, prints the tables and writes docs/benchmarks.md.
Takes about ten minutes, much of it to fill the stock. Close what else is running.

Options
  --stock N        presignatures per committee before measuring (2500)
  --burst N        requests of the burst from stock (5000)
  --in-flight N    of them at a time (256)
  --seconds N      how long to sign with presigning included (60), 64 at a time
  --pipeline-only  leave out the cryptography; prints only
  --print          print only, write nothing
  --json           the figures as JSON, write nothing
  --help           this text`;

/** `npm run bench`. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stock: { type: 'string', default: '2500' },
      burst: { type: 'string', default: '5000' },
      'in-flight': { type: 'string', default: '256' },
      seconds: { type: 'string', default: '60' },
      'pipeline-only': { type: 'boolean', default: false },
      print: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const baseMultiplication = baseMultiplicationMicroseconds();
  const threshold = values['pipeline-only'] ? [] : await benchThreshold();
  const pipeline = await benchPipeline({
    stockTarget: Number(values.stock),
    oneAtATime: 500,
    burstRequests: Number(values.burst),
    burstInFlight: Number(values['in-flight']),
    sustainedSeconds: Number(values.seconds),
    sustainedInFlight: 64,
  });
  if (values.json) {
    const plain = (_name: string, value: unknown): unknown =>
      value instanceof Map ? Object.fromEntries(value) : value;
    console.log(JSON.stringify({ baseMultiplication, threshold, pipeline }, plain, 2));
    return;
  }
  const report = benchmarkReport(threshold, pipeline, new Date(), baseMultiplication);
  console.log(report);
  if (values.print || values['pipeline-only']) return;
  writeFileSync(join(projectRoot(), 'docs', 'benchmarks.md'), report);
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exit(1);
  },
);

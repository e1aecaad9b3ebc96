import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../deploy/embedded/files/project-root';
import { baseMultiplicationMicroseconds } from './machine-speed';
import { benchPipeline } from './pipeline.bench';
import { benchmarkReport } from './report';
import { benchThreshold } from './threshold.bench';

const USAGE = `Usage: npm run bench -- [options]

Measures cryptography and pipeline on this machine, prints the tables and writes docs/benchmarks.md.
Takes about ten minutes, most of it to fill the stock. Close what else is running.

Options
  --stock N        presignatures per committee before measuring (2500)
  --requests N     requests of the throughput run (2000)
  --in-flight N    of them at a time (64)
  --print          print only, write nothing
  --json           the figures as JSON, write nothing
  --help           this text`;

/** `npm run bench`. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      stock: { type: 'string', default: '2500' },
      requests: { type: 'string', default: '2000' },
      'in-flight': { type: 'string', default: '64' },
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
  const threshold = await benchThreshold();
  const pipeline = await benchPipeline({
    stockTarget: Number(values.stock),
    oneAtATime: 500,
    throughputRequests: Number(values.requests),
    inFlight: Number(values['in-flight']),
  });
  if (values.json) {
    console.log(JSON.stringify({ baseMultiplication, threshold, pipeline }, null, 2));
    return;
  }
  const report = benchmarkReport(threshold, pipeline, new Date(), baseMultiplication);
  console.log(report);
  if (!values.print) writeFileSync(join(projectRoot(), 'docs', 'benchmarks.md'), report);
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.stack : error);
    process.exit(1);
  },
);

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../deploy/embedded/files/project-root';
import { benchAudit } from './audit/audit.bench';
import { auditReport } from './audit/audit-report';
import { baseMultiplicationMicroseconds } from './machine-speed';
import { benchPipeline } from './pipeline/pipeline.bench';
import { benchmarkReport, machineLine } from './report';
import { benchSubmitter, SUBMITTER_PARTS } from './submitter/submitter.bench';
import { submitterReport } from './submitter/submitter-report';
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
  --submitter-only measures the submitter, and nothing else; prints only
  --lanes N        accounts that it sends from (1)
  --rate N         intents offered to it in each second (750), for --seconds
  --pool N         transactions in the pool when it is killed (10000)
  --parts LIST     what of it is measured: ceiling, restart, nodes (all)
  --audit-only     measures the auditor, and nothing else; prints only
  --events N       entries of its log (1000000)
  --profile DIR    writes a CPU profile of it there
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
      'submitter-only': { type: 'boolean', default: false },
      lanes: { type: 'string', default: '1' },
      rate: { type: 'string', default: '750' },
      pool: { type: 'string', default: '10000' },
      parts: { type: 'string', default: SUBMITTER_PARTS.join(',') },
      'audit-only': { type: 'boolean', default: false },
      events: { type: 'string', default: '1000000' },
      profile: { type: 'string' },
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
  if (values['submitter-only']) {
    const chosen = values.parts.split(',');
    const result = await benchSubmitter({
      parts: SUBMITTER_PARTS.filter((part) => chosen.includes(part)),
      lanes: Number(values.lanes),
      perSecond: Number(values.rate),
      seconds: Number(values.seconds),
      inFlight: Number(values.pool),
      profile: values.profile,
    });
    console.log(`${submitterReport(result)}\n- machine: ${machineLine(baseMultiplication)}`);
    return;
  }
  if (values['audit-only']) {
    const result = await benchAudit({ events: Number(values.events), profile: values.profile });
    console.log(`${auditReport(result)}\n- machine: ${machineLine(baseMultiplication)}`);
    return;
  }
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

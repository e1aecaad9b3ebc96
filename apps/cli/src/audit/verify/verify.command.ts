import { Command } from 'commander';
import { leafWithRecord, LogVerifier, type VerifierReport, type Violation } from '@quorate/audit-verifier';
import { Invalid, PeerDirectory, readJsonFile, requestersFile, requestersInLog } from '@quorate/platform';
import { keyLookup, type LogKeyLookup, readStrictJson } from '@quorate/protocol';
import {
  type Checkpoint,
  parseProofBundle,
  type VerifierKey,
  verifyProofBundle,
} from '@quorate/transparency-log';
import { lazyContextOf } from '../../context';
import { CommandFailure, EXIT, usageError } from '../../exit-code';
import { type Stack } from '../../stack/stack-file';
import { type Output } from '../../terminal/output';
import { wholeNumber } from '../../terminal/option-values';
import { auditorPlace } from '../auditor-place';
import { logKeyOf, wellFormed } from '../log-key';
import { checkpointDocument, openedCheckpoint, readText } from '../opened-checkpoint';
import { exportLeaves, readCheckpoint, tileLeaves } from './sources';

interface VerifyOptions {
  url?: string;
  tokenFile?: string;
  export?: string;
  bundle?: string;
  key?: string;
  checkpoint?: string;
  older?: string;
  peers?: string;
  requesters?: string;
  log: number;
}

type LazyStack = () => Stack;

export function verifyCommand(): Command {
  return new Command('verify')
    .description('check the log, trusting nothing but keys')
    .option('--url <url>', 'read the log from this auditor (default: that of the stack)')
    .option('--token-file <file>', 'a token for it with the role reader (default: that of the stack)')
    .option('--export <file>', 'read it from an export (JSON Lines, everything, ascending) instead')
    .option('--bundle <file>', 'check one proof (C2SP tlog-proof) instead')
    .option('--key <key>', 'public key of the log, NAME+ID+KEY (default: that of the stack)')
    .option(
      '--checkpoint <file>',
      'the signed checkpoint to check against (default: the newest of the auditor)',
    )
    .option('--older <file>', 'a checkpoint that you kept: the log must continue it')
    .option('--peers <file>', 'identities of the services (PEERS_FILE; default: those of the stack)')
    .option('--requesters <file>', 'keys of the clients (REQUESTERS_FILE; default: those of the stack)')
    .option('--log <n>', 'partition of mpc.events', wholeNumber(0, 1_000_000), 0)
    .addHelpText(
      'after',
      `
Checks, and stops with status 1 at the first thing that is wrong, which it names with its leaf:
  the checkpoint is signed by the log; all leaves lead to its root; the older checkpoint is continued;
  every record is signed by its service; the stories hold: one answer per request, no presignature twice,
  a share of every member of the committee, what clients signed, no gap in streams and nonces.

Examples:
  $ quorate audit verify
  $ quorate audit verify --older checkpoint-of-last-month.txt
  $ quorate audit verify --export audit.jsonl --checkpoint checkpoint.txt --key "$KEY" --peers peers.json
  $ quorate audit verify --bundle event.tlog-proof --key "$KEY" --json`,
    )
    .action(async (options: VerifyOptions, command: Command) => {
      const { output, stack } = lazyContextOf(command);
      const key = logKeyOf(options, stack);
      if (options.bundle === undefined) await verifyLog(options, key, stack, output);
      else verifyBundle(options.bundle, key, output);
    });
}

async function verifyLog(
  options: VerifyOptions,
  key: VerifierKey,
  stack: LazyStack,
  output: Output,
): Promise<void> {
  const { log } = options;
  if (options.export !== undefined && options.checkpoint === undefined)
    throw usageError('--export needs --checkpoint FILE: the signed head that its entries must lead to');
  const place = () => ({ ...auditorPlace(options, stack, ({ token }) => token), log });
  const note =
    options.checkpoint === undefined ? await readCheckpoint(place()) : readText(options.checkpoint);
  const checkpoint = openedCheckpoint(note, key, 'the checkpoint');
  const older =
    options.older === undefined ? undefined : openedCheckpoint(readText(options.older), key, '--older');
  const verifier = new LogVerifier({
    ...{
      checkpoint,
      older,
      log,
      services: servicesOf(options, stack),
      requesters: requestersOf(options, stack),
    },
  });
  const leaves =
    options.export === undefined ? tileLeaves(place(), checkpoint.size) : exportLeaves(options.export, log);
  let read = 0;
  for await (const leaf of leaves) {
    verifier.take(leaf);
    if ((read += 1) % 10_000 === 0) output.note(`${read} of ${checkpoint.size} leaves`);
  }
  const report = verifier.report();
  const [first] = report.violations;
  const document = { ok: first === undefined, checkpoint: checkpointDocument(checkpoint), ...report };
  if (first !== undefined) {
    const more =
      report.violations.length > 1 ? ` (and ${report.violations.length - 1} more, see --json)` : '';
    throw new CommandFailure(
      EXIT.failure,
      'violation',
      `leaf ${first.index}: ${first.reason}${more}`,
      document,
    );
  }
  output.result(document, () => describe(checkpoint, older, report, output));
}

function verifyBundle(file: string, key: VerifierKey, output: Output): void {
  const bundle = readText(file);
  const leaf = wellFormed(() => parseProofBundle(bundle).extra, file);
  if (leaf === undefined) throw new Invalid('bundle', `${file} has no leaf in its extra data`);
  const { index, checkpoint } = wellFormed(() => verifyProofBundle(bundle, leaf, key), file);
  const value = leafWithRecord(leaf).record?.value ?? Buffer.alloc(0);
  const json = readStrictJson(value);
  const event = json.ok ? json.data : null;
  output.result({ ok: true, index, checkpoint: checkpointDocument(checkpoint), event }, () =>
    [
      `${output.paint('green', 'proved')}  leaf ${index} of ${checkpoint.origin}, in a tree of ${checkpoint.size} leaves`,
      event === null ? 'the leaf holds no JSON' : JSON.stringify(event, null, 2),
    ].join('\n'),
  );
}

function describe(
  checkpoint: Checkpoint,
  older: Checkpoint | undefined,
  { leaves, verified, unverified, unread, story }: VerifierReport,
  output: Output,
): string {
  const good = output.paint('green', 'ok');
  const open = (violations: readonly Violation[]) =>
    violations.length === 0
      ? ''
      : `; ${violations.length} not complete yet, first at leaf ${violations[0]?.index}`;
  const first = unverified.first;
  return [
    `${good}  checkpoint  ${checkpoint.origin}, ${checkpoint.size} leaves, root ${hex(checkpoint)}`,
    `${good}  tree        ${leaves} leaves lead to the root`,
    ...(older === undefined ? [] : [`${good}  older       continues the checkpoint of ${older.size} leaves`]),
    ...(story === undefined
      ? ['--  records     not checked: give the identities of the services with --peers']
      : [
          `${good}  records     ${verified} signed by their services` +
            (unread === 0 ? '' : `, ${unread} too long for a leaf`) +
            (first === undefined
              ? ''
              : `, ${unverified.count} by nobody known (first: leaf ${first.index}, ${first.rule})`),
          `${good}  stories     ${story.events} events, ${story.signatures} signatures, ${story.transactions} transactions` +
            open(story.open),
          `${good}  clients     ${story.clientRecords.checked} requests signed by their clients` +
            (story.clientRecords.unknown === 0
              ? ''
              : `, ${story.clientRecords.unknown} by clients not known here`),
        ]),
  ].join('\n');
}

function servicesOf({ peers, ...options }: VerifyOptions, stack: LazyStack): LogKeyLookup | undefined {
  if (peers !== undefined) return PeerDirectory.load(peers).inLog();
  if (isWithoutStack(options)) return undefined;
  const { files, identities } = stack();
  return files.peers === undefined ? keyLookup(identities) : PeerDirectory.load(files.peers).inLog();
}

function requestersOf({ requesters, ...options }: VerifyOptions, stack: LazyStack): LogKeyLookup | undefined {
  if (requesters === undefined && isWithoutStack(options)) return undefined;
  return requestersInLog(readJsonFile(requesters ?? stack().files.requesters, requestersFile));
}

/** Whoever names the log's key himself looks at another installation than the stack here. */
function isWithoutStack({ key }: Pick<VerifyOptions, 'key'>): boolean {
  return key !== undefined;
}

function hex({ root }: Checkpoint): string {
  return Buffer.from(root).toString('hex');
}

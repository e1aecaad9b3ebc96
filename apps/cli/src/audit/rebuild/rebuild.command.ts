import { Command } from 'commander';
import { type VerifierKey } from '@quorate/transparency-log';
import { z } from 'zod';
import { lazyContextOf } from '../../context';
import { CommandFailure, EXIT, usageError } from '../../exit-code';
import { runServiceTool } from '../../service-tool/service-tool';
import { notHere } from '../../stack/stack-facts';
import { type Stack } from '../../stack/stack-file';
import { facts } from '../../terminal/layout';
import { wholeNumber } from '../../terminal/option-values';
import { auditorPlace } from '../auditor-place';
import { logKeyOf } from '../log-key';
import { checkpointDocument, openedCheckpoint, readText } from '../opened-checkpoint';
import { readCheckpoint } from '../verify/sources';

interface RebuildOptions {
  databaseFile?: string;
  continue?: true;
  url?: string;
  tokenFile?: string;
  checkpoint?: string;
  key?: string;
  log: number;
}

const rebuilt = z.object({
  logs: z.array(z.object({ log: z.number(), size: z.number() })),
  root: z.string(),
});

export function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('build the log anew from the topic, and compare its root with a checkpoint')
    .option(
      '--database-file <file>',
      'file with the URL of an empty database (default: REBUILD_DATABASE_URL of the environment)',
    )
    .option('--continue', 'go on with a rebuild that was cut short')
    .option('--checkpoint <file>', 'compare with this one (default: the newest of the running auditor)')
    .option('--url <url>', 'the auditor whose newest checkpoint it is (default: that of the stack)')
    .option('--token-file <file>', 'a token for it with the role reader (default: that of the stack)')
    .option('--key <key>', 'public key of the log, NAME+ID+KEY (default: that of the stack)')
    .option('--log <n>', 'partition of mpc.events to compare', wholeNumber(0, 1_000_000), 0)
    .addHelpText(
      'after',
      `
Reads mpc.events from its beginning with the checks and marks of the auditor. Ends with status 0 when the tree that comes
of it has the root of the checkpoint, with 1 when it has another one. It may be stopped, or die, at any time: --continue
goes on. The database can then be the auditor's: set its DATABASE_URL to it.

Kafka and the services' keys are those of the running stack, or, where KAFKA_BROKERS is set, of the environment: the
variables of the auditor (KAFKA_..., TOPIC_PREFIX, PEERS_FILE).

Examples:
  $ export REBUILD_DATABASE_URL=postgres://...   # or a file, see --database-file: not a command line others can read
  $ quorate audit rebuild
  $ quorate audit rebuild --continue
  $ quorate audit rebuild --database-file url.txt --checkpoint checkpoint.txt --key "$KEY" --json`,
    )
    .action(async (options: RebuildOptions, command: Command) => {
      const { output, stack } = lazyContextOf(command);
      const database = databaseUrl(options);
      const checkpoint = await wantedCheckpoint(options, logKeyOf(options, stack), stack);
      const { log, continue: goOn = false } = options;
      const answer = await runServiceTool(
        {
          program: 'auditor/src/rebuild/main.js',
          args: ['--log', String(log), '--size', String(checkpoint.size), ...(goOn ? ['--continue'] : [])],
          environment: { ...auditorEnvironment(stack), REBUILD_DATABASE_URL: database },
          note: (text) => output.note(text),
        },
        rebuilt,
      );
      const expected = checkpointDocument(checkpoint);
      const document = { ok: answer.root === expected.root, checkpoint: expected, rebuilt: answer };
      if (!document.ok) {
        throw new CommandFailure(
          EXIT.failure,
          'root-differs',
          `the first ${checkpoint.size} records of the topic lead to the root ${answer.root}, but ${checkpoint.origin} ` +
            `signed ${expected.root}: the topic, or the auditor's database, was changed. Keep both, they are evidence`,
          document,
        );
      }
      output.result(document, () =>
        facts([
          ['checkpoint', `${checkpoint.origin}, ${checkpoint.size} leaves`],
          ['root', `${expected.root}, of both`],
          ...answer.logs.map(({ log, size }): [string, string] => [`log ${log}`, `${size} entries rebuilt`]),
        ]),
      );
    });
}

/** Before anything is built: an auditor that is away, or a wrong key, is found out at once. */
async function wantedCheckpoint(options: RebuildOptions, key: VerifierKey, stack: () => Stack) {
  const { checkpoint, log } = options;
  if (checkpoint !== undefined) return openedCheckpoint(readText(checkpoint), key, '--checkpoint');
  const place = auditorPlace(options, stack, ({ token }) => token);
  return openedCheckpoint(await readCheckpoint({ ...place, log }), key, 'the checkpoint');
}

function databaseUrl({ databaseFile }: RebuildOptions): string {
  if (databaseFile !== undefined) return readText(databaseFile).trim();
  const url = process.env['REBUILD_DATABASE_URL'];
  if (url) return url;
  throw usageError('set REBUILD_DATABASE_URL to an empty database, or give --database-file');
}

function auditorEnvironment(stack: () => Stack): Readonly<Record<string, string | undefined>> {
  if (process.env['KAFKA_BROKERS']) return process.env;
  const { auditorEnvironment } = stack();
  if (auditorEnvironment !== undefined) return auditorEnvironment;
  throw notHere(
    'the auditor of the topic is not',
    "Set KAFKA_BROKERS and the auditor's other variables: docs/deployment.md",
  );
}

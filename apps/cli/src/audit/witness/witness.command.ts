import { Command } from 'commander';
import { Conflict, isPassing, loadIdentityKey, withProcessLock } from '@quorate/platform';
import { formatVerifierKey } from '@quorate/transparency-log';
import { lazyContextOf } from '../../context';
import { wholeNumber } from '../../terminal/option-values';
import { auditorPlace } from '../auditor-place';
import { logKeyOf } from '../log-key';
import { WitnessMemory } from './memory';
import { Witness } from './witness';

interface CosignOptions {
  name: string;
  keyFile: string;
  state: string;
  url?: string;
  tokenFile?: string;
  key?: string;
  log: number;
  every: number;
  once?: boolean;
}

export function witnessCommand(): Command {
  return new Command('witness')
    .description('cosign the checkpoints of a log, as long as each continues the one before')
    .requiredOption('--name <name>', 'name of this witness, such as witness.example.com/w1')
    .requiredOption('--key-file <file>', 'its private key, Ed25519, PKCS#8 PEM: of this witness alone')
    .requiredOption('--state <file>', 'where it remembers what it cosigned last; it must not be lost')
    .option('--url <url>', 'the auditor (default: that of the stack)')
    .option('--token-file <file>', 'a token for it with the role witness (default: that of the stack)')
    .option('--key <key>', 'public key of the log, NAME+ID+KEY (default: that of the stack)')
    .option('--log <n>', 'partition of mpc.events', wholeNumber(0, 1_000_000), 0)
    .option('--every <seconds>', 'how often', wholeNumber(1, 86_400), 60)
    .option('--once', 'cosign once, and end')
    .addHelpText(
      'after',
      `
Its public key, which --json --once prints as well, belongs into WITNESSES of the auditor. Run it on another
machine, under other people's control: a log that shows one history to some and another one to others is found out.

Examples:
  $ openssl genpkey -algorithm ed25519 -out witness.pem
  $ quorate audit witness --name witness.example.com/w1 --key-file witness.pem --state witness.json --once
  $ quorate audit witness --name witness.example.com/w1 --key-file witness.pem --state witness.json --every 300`,
    )
    .action(async (options: CosignOptions, command: Command) => {
      const { output, stack } = lazyContextOf(command);
      const { name, keyFile, state, log, every, once = false } = options;
      const place = auditorPlace(options, stack, ({ witnessToken }) => witnessToken);
      const witness = new Witness({
        ...{ ...place, log, name, logKey: logKeyOf(options, stack), privateKey: loadIdentityKey(keyFile) },
        ...{ memory: new WitnessMemory(state), now: () => Date.now() },
      });
      const key = formatVerifierKey(witness.key);
      output.note(`public key: ${key}`);
      const lock = `${state}.lock`;
      const busy = (holder: number): Error =>
        new Conflict('busy', `process ${holder} cosigns with ${state}: wait for it, or remove ${lock}`);
      await withProcessLock(lock, busy, async () => {
        for (;;) {
          try {
            const { origin, size } = await witness.cosignNewest();
            output.result(
              { origin, size, key },
              () => `${new Date().toISOString()}  cosigned ${origin}, ${size} leaves`,
            );
          } catch (error) {
            if (once || !isPassing(error)) throw error;
            output.note(error instanceof Error ? error.message : String(error));
          }
          if (once) return;
          await new Promise((resolve) => setTimeout(resolve, every * 1_000));
        }
      });
    });
}

import { CommanderError } from 'commander';
import { asFailure, EXIT } from './exit-code';
import { createProgram } from './program';

/** Runs the command line; the exit status is set when everything is closed. */
async function main(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(argv);
  } catch (thrown) {
    const failure = asFailure(thrown);
    process.exitCode = failure.exitCode;
    if (failure.exitCode === EXIT.ok) return;
    if (argv.includes('--json')) {
      process.stdout.write(`${JSON.stringify(failure.document, null, 2)}\n`);
    } else if (!(thrown instanceof CommanderError)) {
      // Commander has already said what is wrong with the usage.
      process.stderr.write(`quorate: ${failure.message}\n`);
    }
  }
}

void main(process.argv);

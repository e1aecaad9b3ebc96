import { spawn } from 'node:child_process';

/** Runs a command in the project root; its output is shown only when it fails. Throws a BootstrapError then. */
export function runQuietly(file, args, cwd) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    child.stdout.on('data', (chunk) => output.push(chunk));
    child.stderr.on('data', (chunk) => output.push(chunk));
    child.once('error', (error) => reject(new BootstrapError(`${file} cannot be run: ${error.message}`)));
    child.once('close', (code) => {
      if (code === 0) return resolve();
      const command = [file, ...args].join(' ');
      reject(new BootstrapError(`${command} failed:\n${Buffer.concat(output).toString('utf8').trimEnd()}`));
    });
  });
}

/** Something that the user can read and mend: printed without a stack trace. */
export class BootstrapError extends Error {}

/** Prints what went wrong and ends the process. */
export function failWith(error) {
  console.error(error instanceof BootstrapError ? `\n${error.message}` : error);
  process.exit(1);
}

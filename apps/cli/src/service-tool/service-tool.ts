/** Runs tools of a service, which alone knows how its data are kept, as processes with the service's own environment. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { CommandFailure, EXIT } from '../exit-code';

const APPS = join(__dirname, '..', '..', '..');

export interface ServiceTool {
  /** Below `apps`, for example `mpc-worker/src/backup/main.js`. */
  readonly program: string;
  readonly args: readonly string[];
  /** Where secrets go, too: others can read command lines. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called with what it says about its progress. */
  readonly note?: (text: string) => void;
}

const note = z.object({ note: z.string() });
const failure = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/**
 * @returns the last JSON document that the tool prints
 * @throws CommandFailure with code and message of the tool's
 */
export async function runServiceTool<S extends z.ZodType>(
  tool: ServiceTool,
  answer: S,
): Promise<z.output<S>> {
  const { program, args, environment } = tool;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(APPS, program), ...args],
    {
      // One that watches its parent ends with this process: the pipe closes, whatever this one dies of.
      env: { PATH: process.env['PATH'], ...environment, QUORATE_PARENT_WATCH: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  const [last, err, code] = await Promise.all([
    lastDocument(child.stdout, tool.note),
    text(child.stderr),
    new Promise<number | null>((done, failed) => {
      child.on('error', failed);
      child.on('close', done);
    }),
  ]);
  if (code === 0) return answer.parse(last);
  const reported = failure.safeParse(last);
  if (!reported.success)
    throw new CommandFailure(EXIT.failure, 'service-tool', err.trim() || `status ${code}`);
  throw new CommandFailure(EXIT.failure, reported.data.error.code, reported.data.error.message);
}

async function lastDocument(
  output: NodeJS.ReadableStream,
  hear: ((text: string) => void) | undefined,
): Promise<unknown> {
  let last: unknown;
  for await (const line of createInterface({ input: output })) {
    last = jsonOf(line);
    const said = note.safeParse(last);
    if (said.success) hear?.(said.data.note);
  }
  return last;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

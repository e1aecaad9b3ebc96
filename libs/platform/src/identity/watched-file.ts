import { readFileSync, unwatchFile, watchFile } from 'node:fs';
import { type z } from 'zod';
import { Fatal, Invalid } from '../errors/errors';
import { type Logger } from '../logging/logger';

const POLL_MS = 1_000;

/**
 * Reads and checks a JSON file.
 * @throws Invalid `file` naming the file and every wrong field.
 */
export function readJsonFile<S extends z.ZodType>(file: string, schema: S): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Invalid('file', `${file} cannot be read as JSON: ${reason}`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
  throw new Invalid('file', `${file} is not valid: ${problems.join('; ')}`);
}

/**
 * A configuration file that is read again on SIGHUP and when it changes. When the new content is invalid, the
 * old one stays in force and the reason is logged.
 */
export class WatchedFile<S extends z.ZodType> {
  private value: z.output<S>;
  private readonly onSignal = (): void => this.reload();
  private readonly onReload: ((value: z.output<S>) => void)[] = [];

  /** @throws Fatal `file` when the file is invalid at the start. */
  constructor(
    private readonly file: string,
    private readonly schema: S,
    private readonly logger: Logger,
  ) {
    try {
      this.value = readJsonFile(file, schema);
    } catch (cause) {
      throw new Fatal('file', cause instanceof Error ? cause.message : String(cause), { cause });
    }
    process.on('SIGHUP', this.onSignal);
    watchFile(file, { interval: POLL_MS, persistent: false }, (now, before) => {
      if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino) this.reload();
    });
  }

  current(): z.output<S> {
    return this.value;
  }

  /** @param listener called with each new valid content */
  onChange(listener: (value: z.output<S>) => void): void {
    this.onReload.push(listener);
  }

  reload(): void {
    try {
      this.value = readJsonFile(this.file, this.schema);
    } catch (error) {
      this.logger.error({ err: error, file: this.file }, 'new content refused, the old one stays in force');
      return;
    }
    this.logger.info({ file: this.file }, 'file loaded again');
    for (const listener of this.onReload) listener(this.value);
  }

  close(): void {
    process.off('SIGHUP', this.onSignal);
    unwatchFile(this.file);
  }
}

import { createHash } from 'node:crypto';
import { readFileSync, type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { basename } from 'node:path';
import { type z } from 'zod';
import { Fatal, Invalid } from '../errors/errors';
import { type Logger } from '../logging/logger';

const POLL_MS = 1_000;

/**
 * Reads and checks a JSON file.
 * @throws Invalid `file` naming the file and every wrong field.
 */
export function readJsonFile<S extends z.ZodType>(file: string, schema: S): z.output<S> {
  return parseJsonFile(readText(file), file, schema);
}

/**
 * Checks the text of a JSON file.
 * @throws Invalid `file` naming the file and every wrong field.
 */
export function parseJsonFile<S extends z.ZodType>(text: string, file: string, schema: S): z.output<S> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new Invalid('file', `${file} cannot be read as JSON: ${reasonOf(cause)}`, { cause });
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`);
  throw new Invalid('file', `${file} is not valid: ${problems.join('; ')}`);
}

/** Files that say whose signatures count, by name: SHA-256 (hex) of the content in force in this process. */
const inForce = new Map<string, string>();

/** What `/readyz` says of them: whoever changes such a file learns here that it is in force. */
export function filesInForce(): Readonly<Record<string, string>> {
  return Object.fromEntries(inForce);
}

/**
 * A configuration file that is read again on SIGHUP and when it changes. When the new content is invalid, the
 * old one stays in force and the reason is logged.
 */
export class WatchedFile<T> {
  private value: T;
  private readonly onSignal = (): void => this.reload();
  private readonly onReload: ((value: T) => void)[] = [];
  private readonly onStat: StatsListener = (now, before) => {
    if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino) this.reload();
  };

  /**
   * @param parse of the file's text; throws when it is invalid
   * @param isShown whether `/readyz` shows which content is in force: not of a file with secrets
   * @throws Fatal `file` when the file is invalid at the start.
   */
  constructor(
    private readonly file: string,
    private readonly parse: (text: string, file: string) => T,
    private readonly logger: Logger,
    private readonly isShown = false,
  ) {
    try {
      this.value = this.read();
    } catch (cause) {
      throw new Fatal('file', reasonOf(cause), { cause });
    }
    process.on('SIGHUP', this.onSignal);
    watchFile(file, { interval: POLL_MS, persistent: false }, this.onStat);
  }

  current(): T {
    return this.value;
  }

  /** @param listener called with each new valid content */
  onChange(listener: (value: T) => void): void {
    this.onReload.push(listener);
  }

  reload(): void {
    try {
      this.value = this.read();
    } catch (error) {
      this.logger.error({ err: error, file: this.file }, 'new content refused, the old one stays in force');
      return;
    }
    this.logger.info({ file: this.file }, 'file loaded again');
    for (const listener of this.onReload) listener(this.value);
  }

  close(): void {
    process.off('SIGHUP', this.onSignal);
    unwatchFile(this.file, this.onStat);
  }

  private read(): T {
    const text = readText(this.file);
    const value = this.parse(text, this.file);
    if (this.isShown) inForce.set(basename(this.file), createHash('sha256').update(text).digest('hex'));
    return value;
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Invalid('file', `${file} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

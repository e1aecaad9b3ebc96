import { existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** The log of one part: everything it printed since the stack was started; the run before is kept beside it. */
export class LogFile {
  readonly path: string;

  constructor(folder: string, name: string) {
    this.path = join(folder, `${name}.log`);
    if (existsSync(this.path)) renameSync(this.path, join(folder, `${name}.previous.log`));
  }

  /** A descriptor to append to, for a child's stdout and stderr; the caller closes it. */
  open(): number {
    return openSync(this.path, 'a', 0o640);
  }

  /** The last `count` lines. */
  tail(count: number): string {
    if (!existsSync(this.path)) return '';
    return readFileSync(this.path, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  }
}

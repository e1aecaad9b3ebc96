import { copyFileSync, existsSync, readFileSync, renameSync, statSync } from 'node:fs';

const COPY_EVERY_MS = 2000;

/**
 * The file that anvil rewrites in place every second. A kill in the middle of a write leaves half a file, which anvil
 * refuses; two copies, taken in turn, are there to go back to.
 */
export class ChainState {
  private readonly copies: [string, string];
  private turn = 0;
  private copiedAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(readonly file: string) {
    this.copies = [`${file}.copy-1`, `${file}.copy-2`];
  }

  /** Goes back to the newest whole copy when the file is not whole; from now on copies are taken. */
  recover(): void {
    if (existsSync(this.file) && !isWholeJson(this.file)) {
      renameSync(this.file, `${this.file}.broken`);
      const [newest] = this.copies
        .filter(isWholeJson)
        .sort((one, other) => writtenAt(other) - writtenAt(one));
      if (newest) copyFileSync(newest, this.file);
    }
    clearInterval(this.timer);
    this.timer = setInterval(() => this.copy(), COPY_EVERY_MS);
    this.timer.unref();
  }

  private copy(): void {
    const written = writtenAt(this.file);
    if (written === this.copiedAt) return;
    this.copiedAt = written;
    this.turn = 1 - this.turn;
    try {
      copyFileSync(this.file, this.copies[this.turn === 0 ? 0 : 1]);
    } catch {
      // The folder is being removed: there is nothing left to protect.
    }
  }
}

/** Milliseconds since 1970; 0 when there is no such file. */
function writtenAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function isWholeJson(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

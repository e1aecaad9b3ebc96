import { copyFileSync, existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';

const COPY_EVERY_MS = 2000;

/** What anvil writes, as far as it is looked at here. */
interface State {
  readonly blocks?: readonly { readonly header: { readonly number: string; readonly timestamp: string } }[];
}

/**
 * The file that anvil rewrites in place every second. A kill in the middle of a write leaves half a file, which anvil
 * refuses; two copies, taken in turn, are there to go back to. Each start of anvil adds a first block of its own to the file,
 * and takes any of them for that of the chain: only the chain's own is left there.
 */
export class ChainState {
  private readonly copies: [string, string];
  private turn = 0;
  private copiedAt = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(readonly file: string) {
    this.copies = [`${file}.copy-1`, `${file}.copy-2`];
  }

  /**
   * Goes back to the newest whole copy when the file is not whole, and leaves one first block there; from now on copies are
   * taken.
   */
  recover(): void {
    if (existsSync(this.file) && readState(this.file) === undefined) {
      renameSync(this.file, `${this.file}.broken`);
      const [newest] = this.copies
        .filter((copy) => readState(copy) !== undefined)
        .sort((one, other) => writtenAt(other) - writtenAt(one));
      if (newest) copyFileSync(newest, this.file);
    }
    this.keepOneFirstBlock();
    clearInterval(this.timer);
    this.timer = setInterval(() => this.copy(), COPY_EVERY_MS);
    this.timer.unref();
  }

  private keepOneFirstBlock(): void {
    const state = readState(this.file);
    const { blocks = [] } = state ?? {};
    const [own, ...others] = blocks
      .filter(({ header }) => Number(header.number) === 0)
      .sort((one, other) => Number(one.header.timestamp) - Number(other.header.timestamp));
    if (own === undefined || others.length === 0) return;
    const kept = { ...state, blocks: blocks.filter((block) => !others.includes(block)) };
    const next = `${this.file}.next`;
    writeFileSync(next, JSON.stringify(kept));
    renameSync(next, this.file);
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

/** Undefined when there is no such file, or half of one. */
function readState(file: string): State | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as State;
  } catch {
    return undefined;
  }
}

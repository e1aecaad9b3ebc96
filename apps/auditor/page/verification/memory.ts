import { parseCheckpoint, parseNote } from '@quorate/transparency-log';
import { type Remembered } from './continuity';

const KEY = 'quorate.log.';

/** The last head of each log that this browser saw and found right, in `localStorage`, as its signed note. */
export class Memory {
  constructor(private readonly storage: Storage) {}

  /** undefined when there is none. */
  read(log: number): Remembered | undefined {
    const note = this.storage.getItem(`${KEY}${log}`);
    if (note === null) return undefined;
    try {
      return { ...parseCheckpoint(parseNote(note).text), note };
    } catch {
      return undefined;
    }
  }

  /** Keeps the larger of this head and the one that is kept. */
  keep(log: number, head: Remembered): void {
    const before = this.read(log);
    if (before === undefined || before.size < head.size) this.storage.setItem(`${KEY}${log}`, head.note);
  }

  forget(log: number): void {
    this.storage.removeItem(`${KEY}${log}`);
  }
}

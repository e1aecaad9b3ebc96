import { ED25519, Malformed, parseVerifierKey, type VerifierKey } from '@quorate/transparency-log';
import { Signal } from '../parts/signal';

const KEY = 'quorate.trusted-keys';

/** Whom this browser believes: the key of log 0, and witnesses. They come from people, never from the server. */
export interface TrustedKeys {
  readonly log: string | undefined;
  readonly witnesses: readonly string[];
}

/** The keys that were pinned here, in `localStorage`. */
export class KeyRing {
  readonly trusted: Signal<TrustedKeys>;
  /** A key of the log that a link brought while another one was pinned: somebody has to choose. */
  readonly offered = new Signal<string | undefined>(undefined);

  constructor(private readonly storage: Storage) {
    this.trusted = new Signal(sorted(readKeys(storage.getItem(KEY) ?? '')));
  }

  /** Takes what a link brought. What is pinned stays, unless there is nothing yet. */
  offer(texts: readonly string[]): void {
    const { log, witnesses } = sorted(texts.flatMap(readKeys));
    const { trusted } = this;
    if (log !== undefined && trusted.value.log !== undefined && log !== trusted.value.log)
      this.offered.set(log);
    else if (log !== undefined || witnesses.length > 0)
      this.keep({ log: log ?? trusted.value.log, witnesses: [...trusted.value.witnesses, ...witnesses] });
  }

  /**
   * Pins the keys of a text, a key on each line, in place of what was pinned.
   *
   * @throws Malformed that says which line is none.
   */
  pin(text: string): void {
    const lines = linesOf(text);
    lines.forEach(parseVerifierKey);
    const keys = sorted(lines);
    if (lines.filter((line) => isLogKey(line)).length > 1)
      throw new Malformed('there are two keys of logs: pin one, and keys of witnesses (type 4) beside it');
    this.keep(keys);
    this.offered.set(undefined);
  }

  private keep({ log, witnesses }: TrustedKeys): void {
    const keys = { log, witnesses: [...new Set(witnesses)] };
    this.storage.setItem(KEY, textOf(keys));
    this.trusted.set(keys);
  }
}

/** The keys, one on each line. */
export function textOf({ log, witnesses }: TrustedKeys): string {
  return [...(log === undefined ? [] : [log]), ...witnesses].join('\n');
}

export function parsed({ log, witnesses }: TrustedKeys): {
  log: VerifierKey | undefined;
  witnesses: VerifierKey[];
} {
  return {
    log: log === undefined ? undefined : parseVerifierKey(log),
    witnesses: witnesses.map(parseVerifierKey),
  };
}

function sorted(keys: readonly string[]): TrustedKeys {
  return { log: keys.find(isLogKey), witnesses: keys.filter((key) => !isLogKey(key)) };
}

/** The lines that are keys; others are left out. */
function readKeys(text: string): string[] {
  return linesOf(text).filter((line) => {
    try {
      parseVerifierKey(line);
      return true;
    } catch {
      return false;
    }
  });
}

function linesOf(text: string): string[] {
  return text
    .split(/\s+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function isLogKey(text: string): boolean {
  return parseVerifierKey(text).type === ED25519;
}

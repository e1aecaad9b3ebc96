import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Conflict, Invalid } from '@quorate/platform';
import { type Checkpoint, HASH_BYTES } from '@quorate/transparency-log';
import { z } from 'zod';

const remembered = z.strictObject({
  origin: z.string(),
  size: z.int().min(0),
  root: z.base64().transform((text) => Buffer.from(text, 'base64')),
});

/** The last checkpoint of a log that a witness cosigned: what it signs next must continue it. */
export class WitnessMemory {
  constructor(private readonly file: string) {}

  /** @throws Invalid when the file is damaged: a witness that forgets is none. */
  last(): Checkpoint | undefined {
    if (!existsSync(this.file)) return undefined;
    try {
      const checkpoint = remembered.parse(JSON.parse(readFileSync(this.file, 'utf8')));
      if (checkpoint.root.length === HASH_BYTES) return checkpoint;
    } catch (cause) {
      throw new Invalid('state', `${this.file} is damaged: restore it, a witness must not forget`, { cause });
    }
    throw new Invalid('state', `${this.file} is damaged: restore it, a witness must not forget`);
  }

  /**
   * Before anything is signed.
   *
   * @param last the checkpoint that this one continues; undefined for the first
   * @throws Conflict `state` when another witness with this file has cosigned since
   */
  remember({ origin, size, root }: Checkpoint, last: Checkpoint | undefined): void {
    if (!isSame(this.last(), last))
      throw new Conflict('state', `another witness works with ${this.file}: give each its own key and file`);
    const next = `${this.file}.next`;
    const content = { origin, size, root: Buffer.from(root).toString('base64') };
    writeFileSync(next, `${JSON.stringify(content)}\n`, { mode: 0o600, flush: true });
    renameSync(next, this.file);
  }
}

function isSame(a: Checkpoint | undefined, b: Checkpoint | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.origin === b.origin && a.size === b.size && Buffer.from(a.root).equals(b.root);
}

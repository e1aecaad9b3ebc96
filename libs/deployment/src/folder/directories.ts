import { existsSync } from 'node:fs';
import { ed25519Jwk, type Ed25519Jwk, Invalid, parseJsonFile, readJsonFile } from '@quorate/platform';
import { z } from 'zod';
import { type FileAccess, prettyJson, writeWhole } from '../files/whole-file';
import { type Identity } from '../identities/identity';

const entry = z.looseObject({
  kid: z.string(),
  publicKey: ed25519Jwk,
  formerKeys: z.array(z.looseObject({ publicKey: ed25519Jwk })).optional(),
});
type Entry = z.output<typeof entry>;

/** The lists of parties in one file: PEERS_FILE has `peers`, REQUESTERS_FILE `requesters` and `operators`. */
type Lists = Readonly<Record<string, readonly Entry[]>>;

/** A JSON file that says who is who. People and `identities rotate` edit it: what it says of somebody stays. */
export class Directory {
  private readonly content: Readonly<Record<string, unknown>>;
  private readonly lists: Lists;

  /** @throws Invalid `file` for one that cannot be read as such a file */
  constructor(
    private readonly file: string,
    private readonly names: readonly string[],
  ) {
    this.content = existsSync(file) ? readJsonFile(file, z.looseObject({})) : {};
    const list = (name: string) =>
      parseJsonFile(JSON.stringify(this.content[name] ?? []), `${file}, ${name},`, z.array(entry));
    this.lists = Object.fromEntries(names.map((name) => [name, list(name)]));
  }

  knows(kid: string): boolean {
    return this.keysOf(kid).length > 0;
  }

  /** The present key of somebody first, then those that it replaced. */
  keysOf(kid: string): Ed25519Jwk[] {
    return this.names.flatMap((name) =>
      (this.lists[name] ?? []).flatMap(({ kid: known, publicKey, formerKeys = [] }) =>
        known === kid ? [publicKey, ...formerKeys.map((former) => former.publicKey)] : [],
      ),
    );
  }

  /** @throws Invalid `identity` when the file names another key for somebody of this name */
  assertNames({ kid, publicKey, privateKeyFile }: Identity): void {
    const known = this.keysOf(kid);
    if (known.length === 0 || known.some(({ x }) => x === publicKey.x)) return;
    throw new Invalid(
      'identity',
      `${privateKeyFile} is not the key that ${this.file} names for ${kid}: put the right one back, or remove ${kid} from ${this.file} to have it named anew`,
    );
  }

  /** Adds who is missing. Everybody who is named stays as they are. */
  add(entries: Lists, access: FileAccess): void {
    let isComplete = existsSync(this.file);
    const grown = this.names.map((name) => {
      const there = this.lists[name] ?? [];
      const missing = (entries[name] ?? []).filter(({ kid }) => !there.some((known) => known.kid === kid));
      if (missing.length > 0) isComplete = false;
      return [name, [...there, ...missing]] as const;
    });
    if (!isComplete) {
      writeWhole(this.file, prettyJson({ ...this.content, ...Object.fromEntries(grown) }), access);
    }
  }
}

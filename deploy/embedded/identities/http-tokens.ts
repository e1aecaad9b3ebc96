import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HttpRole } from '@quorate/platform';
import { keptFile, prettyJson, writeWhole } from '../files/kept-file';
import { type StackFolders } from '../files/stack-folders';
import { AUDITOR, OPERATOR, SUBMITTER } from '../stack/stack-shape';

const WITNESS = 'witness';

/** Whose tokens the HTTP APIs of a stack take, by service. */
const HOLDERS: Readonly<Record<string, Readonly<Record<string, readonly HttpRole[]>>>> = {
  [AUDITOR]: { [OPERATOR]: ['reader', 'exporter'], [WITNESS]: ['witness'] },
  [SUBMITTER]: { [OPERATOR]: ['reader', 'operator'] },
};

/** The tokens of a stack's HTTP APIs. */
export interface HttpTokenFiles {
  /** HTTP_TOKENS_FILE by service: SHA-256 of tokens, and their roles. */
  files: Map<string, string>;
  /** The operator's token for the auditor. */
  audit: string;
  /** For a witness of the audit log. */
  witness: string;
  /** The operator's token for the submitter. */
  submitter: string;
}

/** Makes tokens that are missing, each in a file of its own, and keeps what is there. Entries of others stay in their files. */
export function prepareHttpTokens(folders: StackFolders): HttpTokenFiles {
  const files = new Map(
    Object.entries(HOLDERS).map(([service, holders]) => {
      const entries = Object.entries(holders).map(([name, roles]) => ({
        ...{ name, sha256: sha256(keptToken(folders, service, name)), roles },
      }));
      return [service, writeTokensFile(join(folders.data, 'config', `http-tokens-${service}.json`), entries)];
    }),
  );
  return {
    files,
    audit: keptToken(folders, AUDITOR, OPERATOR),
    witness: keptToken(folders, AUDITOR, WITNESS),
    submitter: keptToken(folders, SUBMITTER, OPERATOR),
  };
}

function keptToken(folders: StackFolders, service: string, name: string): string {
  const file = join(folders.data, 'tokens', `${service}-${name}.token`);
  return keptFile(file, () => randomBytes(32).toString('base64url'), { secret: true });
}

function writeTokensFile(file: string, entries: readonly { name: string }[]): string {
  const own = new Set(entries.map(({ name }) => name));
  const { tokens: before } = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as { tokens: { name: string }[] })
    : { tokens: [] };
  const tokens = [...entries, ...before.filter(({ name }) => !own.has(name))];
  writeWhole(file, prettyJson({ tokens }), { secret: true });
  return file;
}

function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

import { join } from 'node:path';
import { keepTokensFile, keptToken, TOKEN_HOLDERS } from '@quorate/deployment';
import { type StackFolders } from '../files/stack-folders';

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
  const token = (service: string, name: string) =>
    keptToken(join(folders.data, 'tokens', `${service}-${name}.token`));
  const files = new Map(
    Object.entries(TOKEN_HOLDERS).map(([service, holders]) => {
      const file = join(folders.data, 'config', `http-tokens-${service}.json`);
      keepTokensFile(
        file,
        holders.map((holder) => ({ ...holder, token: token(service, holder.name) })),
      );
      return [service, file];
    }),
  );
  return {
    files,
    audit: token('auditor', 'operator'),
    witness: token('auditor', 'witness'),
    submitter: token('submitter', 'operator'),
  };
}

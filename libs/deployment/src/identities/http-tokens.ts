import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { type HttpRole } from '@quorate/platform';
import { type FileAccess, keptFile, prettyJson, writeWhole } from '../files/whole-file';
import { OPERATOR, WITNESS } from '../parties/kids';

/** Somebody who may call an HTTP API, and what for. */
export interface TokenHolder {
  name: string;
  roles: readonly HttpRole[];
}

/** Whose tokens the HTTP API of a service takes from the beginning. */
export const TOKEN_HOLDERS: Record<'auditor' | 'submitter', readonly TokenHolder[]> = {
  auditor: [
    { name: OPERATOR, roles: ['reader', 'exporter'] },
    { name: WITNESS, roles: ['witness'] },
  ],
  submitter: [{ name: OPERATOR, roles: ['reader', 'operator'] }],
};

/** The token of the file, which is made when it is missing: 32 random bytes. */
export function keptToken(file: string, access: FileAccess = {}): string {
  return keptFile(file, () => randomBytes(32).toString('base64url'), { ...access, secret: true });
}

/** Sees to it that HTTP_TOKENS_FILE lets the holders in. Entries of others, whom the user has added, stay. */
export function keepTokensFile(
  file: string,
  holders: readonly (TokenHolder & { token: string })[],
  access: FileAccess = {},
): void {
  const entries = holders.map(({ name, roles, token }) => ({ name, sha256: sha256(token), roles }));
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const others = (before === undefined ? [] : tokensOf(before)).filter(
    ({ name }) => !holders.some((holder) => holder.name === name),
  );
  const content = prettyJson({ tokens: [...entries, ...others] });
  if (content !== before) writeWhole(file, content, { ...access, secret: true });
}

function tokensOf(text: string): { name: string }[] {
  return (JSON.parse(text) as { tokens: { name: string }[] }).tokens;
}

function sha256(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

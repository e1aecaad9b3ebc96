import { readFileSync } from 'node:fs';
import { Invalid } from '@quorate/platform';
import { type Stack } from '../stack/stack-file';

/** Where an auditor is, and the token for it. */
export interface AuditorPlace {
  readonly url: string;
  readonly token: string | null;
}

/**
 * The auditor of `--url` and `--token-file`, or that of the stack. The stack's token goes to no other place.
 * @param ofStack which token of the stack's it is
 * @throws Invalid `file` when the token cannot be read
 */
export function auditorPlace(
  { url, tokenFile }: { url?: string; tokenFile?: string },
  stack: () => Stack,
  ofStack: (audit: Stack['audit']) => string | null,
): AuditorPlace {
  const given = tokenFile === undefined ? null : readToken(tokenFile);
  if (url !== undefined) return { url, token: given };
  const { audit } = stack();
  return { url: audit.url, token: given ?? ofStack(audit) };
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new Invalid('file', `the token ${file} cannot be read`, { cause });
  }
}

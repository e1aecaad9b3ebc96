import { createHash } from 'node:crypto';

const MOST_NAMES = 500;
const names = new Map<string, string>();

/**
 * A statement under a name of its own, so that each connection parses and plans it once. Beyond some hundred texts
 * (somebody builds them) statements go without.
 */
export function named(text: string): { text: string; name?: string } {
  const known = names.get(text);
  if (known !== undefined) return { text, name: known };
  if (names.size >= MOST_NAMES) return { text };
  const name = createHash('sha256').update(text).digest('base64url').slice(0, 22);
  names.set(text, name);
  return { text, name };
}

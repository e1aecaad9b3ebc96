import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Private files are small; those of brokers and databases have names of their own. */
const LARGEST_SECRET = 16 * 1024;
const FOREIGN = /postgres|kafka-logs|kafka-data|chain/;
const SHORTEST = 16;

/** Text that may be nowhere in a log: every known secret of a stack, in each way it could be printed. */
export function forbiddenTexts(root: string, stackFile: string): Map<string, string> {
  const texts = new Map<string, string>();
  const add = (origin: string, secret: Buffer) => {
    for (const encoding of ['hex', 'base64', 'base64url', 'utf8'] as const) {
      const text = secret.toString(encoding).replace(/=+$/, '');
      const isText = encoding !== 'utf8' || Buffer.from(text).equals(secret);
      if (text.length >= SHORTEST && isText) texts.set(text, `${origin} as ${encoding}`);
    }
  };
  for (const file of privateFiles(root)) {
    const text = readFileSync(file, 'utf8').trim();
    for (const [, body = ''] of text.matchAll(/-----BEGIN (?:\w+ )?PRIVATE KEY-----([^-]+)-----END/g)) {
      const der = Buffer.from(body, 'base64');
      add(file, der);
      // The last 32 bytes of an Ed25519 key in PKCS#8 are the key itself.
      if (der.length === 48) add(file, der.subarray(16));
    }
    if (/^[0-9a-f]{64}$/.test(text)) add(file, Buffer.from(text, 'hex'));
  }
  for (const [name, secret] of stackSecrets(JSON.parse(readFileSync(stackFile, 'utf8')) as unknown)) {
    add(name, Buffer.from(secret));
  }
  return texts;
}

function privateFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return FOREIGN.test(entry.name) || entry.name === 'logs' ? [] : privateFiles(path);
    if (!entry.isFile()) return [];
    const { mode, size } = statSync(path);
    return (mode & 0o077) === 0 && size <= LARGEST_SECRET ? [path] : [];
  });
}

/** Passwords of URLs, passwords and tokens, wherever they stand in stack.json. */
function stackSecrets(value: unknown, name = 'stack.json'): [string, string][] {
  if (typeof value === 'string') {
    const password = URL.canParse(value) ? decodeURIComponent(new URL(value).password) : '';
    if (password !== '') return [[name, password]];
    return /\.(password|token)$/.test(name) ? [[name, value]] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => stackSecrets(inner, `${name}.${key}`));
}

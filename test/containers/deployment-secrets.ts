import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Every secret of a deployment's folder, in each way it could be printed, and the file it is from. */
export function deploymentSecrets(folder: string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const path of privateFiles(folder)) {
    for (const secret of secretsOf(path, readFileSync(path, 'utf8').trim())) {
      const bytes = Buffer.from(secret, 'latin1');
      const encoded = [secret, ...(['hex', 'base64', 'base64url'] as const).map((as) => bytes.toString(as))];
      for (const text of encoded) texts.set(text.replace(/=+$/, ''), path);
    }
  }
  return texts;
}

function privateFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => (statSync(path).mode & 0o077) === 0);
}

function secretsOf(path: string, text: string): string[] {
  if (path.endsWith('.pem')) {
    const keys = [...text.matchAll(/-----BEGIN (?:\w+ )?PRIVATE KEY-----([^-]+)-----END/g)];
    return keys.flatMap(([, body = '']) => {
      const der = Buffer.from(body, 'base64');
      // Lines of the file itself, the key as bytes, and of an Ed25519 key (PKCS#8, 48 bytes) the seed at its end.
      const seed = der.length === 48 ? [der.subarray(16).toString('latin1')] : [];
      return [...body.trim().split('\n'), der.toString('latin1'), ...seed].filter(
        (part) => part.length >= 16,
      );
    });
  }
  if (path.endsWith('.url')) return [decodeURIComponent(new URL(text).password)];
  if (path.endsWith('.hex')) return [text, Buffer.from(text, 'hex').toString('latin1')];
  return /\.(password|token)$/.test(path) ? [text] : [];
}

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { type FileAccess, keptFile, keptFolder } from '../files/whole-file';
import { newPassword } from './database-urls';
import { type DeploymentLayout } from './layout';

const SUPERUSER = 'postgres';
const ITERATIONS = 4096;

/**
 * The superuser's password, its URL for who prepares the server, and what the server itself gets: a verifier, so that the password
 * is never in its container. The folder and the verifier can be read by the server's own user.
 * @param host HOST:PORT
 */
export function keptPostgresFiles(
  { folder, password, url, verifier }: DeploymentLayout['postgres'],
  host: string,
  access: FileAccess,
): void {
  keptFolder(folder, access);
  const secret = { ...access, secret: true };
  const text = keptFile(password, newPassword, secret);
  keptFile(url, () => `postgres://${SUPERUSER}:${text}@${host}/postgres`, secret);
  keptFile(verifier, () => scramVerifier(text), access);
}

/** The SCRAM-SHA-256 verifier of a password of ASCII characters, as Postgres keeps it (RFC 5802, RFC 7677). */
export function scramVerifier(password: string, salt = randomBytes(16)): string {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  const hmac = (text: string) => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const keys = `${storedKey}:${hmac('Server Key').toString('base64')}`;
  return `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${keys}`;
}

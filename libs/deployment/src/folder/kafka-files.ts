import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Authority } from '../authority/authority';
import { type FileAccess, keptFile, keptFolder, writeWhole } from '../files/whole-file';
import { BROKER, BROKER_ADMIN } from '../parties/kids';
import { type DeploymentLayout } from './layout';

/** A party's password for Kafka. */
export function keptKafkaPassword(file: string, access: FileAccess = {}): string {
  return keptFile(file, () => randomBytes(32).toString('base64url'), { ...access, secret: true });
}

/** The certificates of the broker and of who may prepare it. The broker reads its key and certificate from one file (PEM). */
export async function keptKafkaFiles(
  { folder, ca, keystore, admin }: DeploymentLayout['kafka'],
  authority: Authority,
  hosts: readonly string[],
  access: FileAccess,
): Promise<void> {
  keptFolder(folder, { ...access, secret: true });
  keptFile(ca, () => authority.pem, access);
  await authority.issue(admin, { kid: BROKER_ADMIN }, access);
  const broker = { certFile: join(folder, 'broker.pem'), keyFile: join(folder, 'broker.key.pem') };
  await authority.issue(broker, { kid: BROKER, hosts }, access);
  const key = readFileSync(broker.keyFile, 'utf8').trim();
  const content = `${key}\n${readFileSync(broker.certFile, 'utf8').trim()}\n`;
  const before = existsSync(keystore) ? readFileSync(keystore, 'utf8') : key;
  // One that the user has put there, with a key of another authority, stays.
  if (before !== content && before.startsWith(key))
    writeWhole(keystore, content, { ...access, secret: true });
}

/**
 * The file of a node's backup: what is in it for anyone to read, and the shares, encrypted to a recovery key (RFC 7516 JWE,
 * ECDH-ES over X25519 with A256GCM). Presignatures, nonces and the state of pairs are never in it: presignatures must not
 * come back (threshold-ecdsa.md 11.1), and a pair that is dead must not live again (section 9).
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Invalid } from '@quorate/platform';
import { keyIdSchema, nodeIdSchema, readStrictJson, schemaIssues, timeSchema } from '@quorate/protocol';
import { compactDecrypt, CompactEncrypt } from 'jose';
import { z } from 'zod';

/** One share as it was at the time of the backup. */
export interface SavedShare {
  readonly keyId: string;
  readonly epoch: number;
  /** Encoded share without pairs, with its certificate; secret. */
  readonly encoded: Buffer;
}

export interface NodeBackup {
  readonly node: string;
  /** RFC 3339 UTC. */
  readonly createdAt: string;
  readonly shares: readonly SavedShare[];
}

const TYP = 'quorate-backup+jwe';
const MAX_FILE_BYTES = 64 * 1024 * 1024;

const overview = {
  type: z.literal('quorate.node.backup.v1'),
  node: nodeIdSchema,
  createdAt: timeSchema,
};
const keyFacts = { keyId: keyIdSchema, epoch: z.int().min(0) };
const fileSchema = z.object({ ...overview, keys: z.array(z.object(keyFacts)), jwe: z.string() });
const contentSchema = z.object({
  ...overview,
  shares: z.array(z.object({ ...keyFacts, share: z.base64() })),
});

/** The content of a backup file. The caller wipes the shares. */
export async function sealBackup(backup: NodeBackup, recoveryKey: KeyObject): Promise<string> {
  const facts = { type: 'quorate.node.backup.v1', node: backup.node, createdAt: backup.createdAt };
  const shares = backup.shares.map(({ keyId, epoch, encoded }) => ({
    keyId,
    epoch,
    share: encoded.toString('base64'),
  }));
  const content = Buffer.from(JSON.stringify({ ...facts, shares }));
  const jwe = await new CompactEncrypt(content)
    .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A256GCM', typ: TYP })
    .encrypt(recoveryKey);
  content.fill(0);
  const keys = backup.shares.map(({ keyId, epoch }) => ({ keyId, epoch }));
  return `${JSON.stringify({ ...facts, keys, jwe }, null, 2)}\n`;
}

/**
 * The backup inside a file. Whoever has the public recovery key can write one: nothing in it is true before it was checked.
 * @throws Invalid `backup` when it is none, or does not open with this key
 */
export async function openBackup(file: Buffer, recoveryKey: KeyObject): Promise<NodeBackup> {
  const { jwe } = parsed(file, fileSchema, 'the file');
  const content = await decrypted(jwe, recoveryKey);
  const { node, createdAt, shares } = parsed(content, contentSchema, 'its content');
  content.fill(0);
  return {
    node,
    createdAt,
    shares: shares.map(({ keyId, epoch, share }) => ({
      keyId,
      epoch,
      encoded: Buffer.from(share, 'base64'),
    })),
  };
}

/**
 * A recovery key: X25519, PEM. The public one (SPKI) makes backups, the private one (PKCS#8), which belongs on no node,
 * opens them.
 * @throws Invalid `recovery-key` naming the file
 */
export function readRecoveryKey(file: string, half: 'public' | 'private'): KeyObject {
  let key: KeyObject;
  try {
    const pem = readFileSync(file);
    if (half === 'public' && pem.includes('PRIVATE KEY'))
      throw new Error('it holds the private key: keep that away');
    key = half === 'public' ? createPublicKey(pem) : createPrivateKey(pem);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Invalid('recovery-key', `${file} is no ${half} recovery key (X25519, PEM): ${reason}`);
  }
  if (key.asymmetricKeyType === 'x25519') return key;
  throw new Invalid('recovery-key', `${file} holds a key of type ${key.asymmetricKeyType}, not x25519`);
}

async function decrypted(jwe: string, recoveryKey: KeyObject): Promise<Buffer> {
  const accepted = { keyManagementAlgorithms: ['ECDH-ES'], contentEncryptionAlgorithms: ['A256GCM'] };
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(jwe, recoveryKey, accepted);
    if (protectedHeader.typ === TYP)
      return Buffer.from(plaintext.buffer, plaintext.byteOffset, plaintext.length);
  } catch {
    // What jose says is about its own algorithms; the remedy is the same for all of it.
  }
  throw new Invalid('backup', 'the backup does not open with this recovery key, or was altered');
}

function parsed<S extends z.ZodType>(bytes: Buffer, schema: S, what: string): z.output<S> {
  if (bytes.length > MAX_FILE_BYTES) throw new Invalid('backup', `${what} is too large for a backup`);
  const json = readStrictJson(bytes);
  if (!json.ok) throw new Invalid('backup', `${what} is no backup: ${json.reason}`);
  const result = schema.safeParse(json.data);
  if (!result.success)
    throw new Invalid('backup', `${what} is no backup: ${schemaIssues(result.error).join('; ')}`);
  return result.data;
}

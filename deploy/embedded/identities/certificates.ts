// The certificate library needs it before itself.
import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { writeWhole } from '../files/kept-file';
import { type StackFolders } from '../files/stack-folders';

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 825;
const RENEW_DAYS = 30;

/** Files (PEM, absolute paths) for mutual TLS. */
export interface TlsFiles {
  caFile: string;
  certFile: string;
  keyFile: string;
}

/**
 * One local authority, and for every kid a certificate with CN = kid, good as server (localhost, 127.0.0.1) and as
 * client. What is there and valid for 30 more days is kept.
 */
export async function prepareCertificates(
  folders: StackFolders,
  kids: string[],
): Promise<Map<string, TlsFiles>> {
  x509.cryptoProvider.set(webcrypto);
  const folder = join(folders.data, 'certificates');
  const authority = await keptAuthority(folder);
  await Promise.all(kids.map((kid) => keptCertificate(folder, kid, authority)));
  return new Map(kids.map((kid) => [kid, filesOf(folder, kid)]));
}

/** The files of one of them. @throws RangeError when there is none */
export function certificateOf(certificates: ReadonlyMap<string, TlsFiles>, kid: string): TlsFiles {
  const files = certificates.get(kid);
  if (files === undefined) throw new RangeError(`${kid} has no certificate`);
  return files;
}

interface Authority {
  certificate: x509.X509Certificate;
  privateKey: webcrypto.CryptoKey;
}

function filesOf(folder: string, name: string): TlsFiles {
  return {
    caFile: join(folder, 'ca.pem'),
    certFile: join(folder, `${name}.pem`),
    keyFile: join(folder, `${name}.key.pem`),
  };
}

async function keptAuthority(folder: string): Promise<Authority> {
  const { caFile, keyFile } = filesOf(folder, 'ca');
  if (!isValid(caFile) || !existsSync(keyFile)) {
    const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: 'CN=Quorate local authority',
      keys,
      ...validFor(AUTHORITY_DAYS),
      signingAlgorithm: KEY_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    writeWhole(keyFile, await privateKeyPem(keys.privateKey), { secret: true });
    writeWhole(caFile, certificate.toString('pem'));
  }
  const der = createPrivateKey(readFileSync(keyFile)).export({ type: 'pkcs8', format: 'der' });
  return {
    certificate: new x509.X509Certificate(readFileSync(caFile, 'utf8')),
    privateKey: await webcrypto.subtle.importKey('pkcs8', der, KEY_ALGORITHM, false, ['sign']),
  };
}

async function keptCertificate(folder: string, kid: string, authority: Authority): Promise<void> {
  const { certFile, keyFile } = filesOf(folder, kid);
  if (existsSync(keyFile) && isValid(certFile, authority)) return;
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: `CN=${kid}`,
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.privateKey,
    ...validFor(CERTIFICATE_DAYS),
    signingAlgorithm: KEY_ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'dns', value: kid },
        { type: 'ip', value: '127.0.0.1' },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.certificate),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  writeWhole(keyFile, await privateKeyPem(keys.privateKey), { secret: true });
  writeWhole(certFile, certificate.toString('pem'));
}

function isValid(file: string, authority?: Authority): boolean {
  if (!existsSync(file)) return false;
  const certificate = new x509.X509Certificate(readFileSync(file, 'utf8'));
  const issued = !authority || certificate.issuer === authority.certificate.subject;
  return issued && certificate.notAfter.getTime() - Date.now() > RENEW_DAYS * DAY_MS;
}

function validFor(days: number) {
  const now = Date.now();
  // An hour back: clocks of containers on one machine differ.
  return { notBefore: new Date(now - DAY_MS / 24), notAfter: new Date(now + days * DAY_MS) };
}

async function privateKeyPem(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
}

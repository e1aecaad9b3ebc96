/** A local certificate authority (X.509, RFC 5280) for mutual TLS between the parties of one deployment. */
// The certificate library needs it before itself.
import 'reflect-metadata';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  webcrypto,
  X509Certificate as NodeCertificate,
} from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { Invalid } from '@quorate/platform';
import { type FileAccess, keptFile, writeWhole } from '../files/whole-file';

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 60 * 60 * 1000;
const AUTHORITY_DAYS = 3650;
const CERTIFICATE_DAYS = 825;
const RENEW_DAYS = 30;

/** A certificate and its private key, PEM (the key: PKCS#8, mode 0600). */
export interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

/** What a party needs for mutual TLS. */
export interface TlsFiles extends CertificateFiles {
  caFile: string;
}

/** Whom a certificate is for. */
export interface CertificateSubject {
  /** Its CN, and one of its names. */
  kid: string;
  /** Names and IPv4 addresses under which it is reached, besides localhost and 127.0.0.1. */
  hosts?: readonly string[];
}

/** What issues certificates. Its private key is read when it issues one: it may be kept elsewhere otherwise. */
export class Authority {
  readonly pem: string;
  private readonly certificate: NodeCertificate;

  private constructor(private readonly files: CertificateFiles) {
    this.pem = readFileSync(files.certFile, 'utf8');
    this.certificate = new NodeCertificate(this.pem);
  }

  /** Makes what is missing. A key without a certificate, of a run that was interrupted, gets one; see `issue` for the rest. */
  static async kept(files: CertificateFiles, access: FileAccess = {}): Promise<Authority> {
    if (!isFresh(files.certFile)) {
      const key = keptKey(files.keyFile, access);
      writeWhole(files.certFile, await selfSigned(await signingKeys(key)), { ...access, secret: false });
    }
    return new Authority(files);
  }

  /**
   * Sees to a certificate of this authority with CN = kid, good as server and as client, over the key of its file. What is
   * there, belongs together and is valid for 30 more days is kept.
   * @throws Invalid `authority-key` when one has to be issued and the authority's key is not there
   */
  async issue(files: CertificateFiles, subject: CertificateSubject, access: FileAccess = {}): Promise<void> {
    if (existsSync(files.keyFile) && this.isCurrent(files)) return;
    const authority = await this.signingKey(subject.kid);
    const key = keptKey(files.keyFile, access);
    const pem = await this.certificateOf(await signingKeys(key), authority, subject);
    writeWhole(files.certFile, pem, { ...access, secret: false });
  }

  private isCurrent({ certFile, keyFile }: CertificateFiles): boolean {
    if (!isFresh(certFile)) return false;
    const certificate = new NodeCertificate(readFileSync(certFile));
    return (
      certificate.checkIssued(this.certificate) &&
      certificate.verify(this.certificate.publicKey) &&
      certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))
    );
  }

  private async signingKey(kid: string): Promise<webcrypto.CryptoKey> {
    const { keyFile } = this.files;
    if (!existsSync(keyFile)) {
      throw new Invalid(
        'authority-key',
        `a certificate for ${kid} has to be issued, and the authority's key is not there: put it back as ${keyFile} and repeat this`,
      );
    }
    const key = createPrivateKey(readFileSync(keyFile));
    if (!this.certificate.checkPrivateKey(key)) {
      throw new Invalid('authority-key', `${keyFile} is not the key of ${this.files.certFile}`);
    }
    return (await signingKeys(key)).privateKey;
  }

  private async certificateOf(
    { publicKey }: webcrypto.CryptoKeyPair,
    signingKey: webcrypto.CryptoKey,
    { kid, hosts = [] }: CertificateSubject,
  ): Promise<string> {
    const authority = new x509.X509Certificate(this.pem);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${kid}`,
      issuer: authority.subject,
      publicKey,
      signingKey,
      ...validFor(CERTIFICATE_DAYS),
      signingAlgorithm: KEY_ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        new x509.SubjectAlternativeNameExtension(alternativeNames(kid, hosts)),
        await x509.AuthorityKeyIdentifierExtension.create(authority),
        await x509.SubjectKeyIdentifierExtension.create(publicKey),
      ],
    });
    return certificate.toString('pem');
  }
}

async function selfSigned(keys: webcrypto.CryptoKeyPair): Promise<string> {
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
  return certificate.toString('pem');
}

function alternativeNames(kid: string, hosts: readonly string[]): x509.JsonGeneralName[] {
  return [...new Set(['localhost', kid, '127.0.0.1', ...hosts])].map((name) => ({
    type: isIP(name) === 0 ? 'dns' : 'ip',
    value: name,
  }));
}

function keptKey(file: string, access: FileAccess): KeyObject {
  const create = () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  };
  return createPrivateKey(keptFile(file, create, { ...access, secret: true }));
}

/** The key as the certificate library takes it. */
async function signingKeys(key: KeyObject): Promise<webcrypto.CryptoKeyPair> {
  x509.cryptoProvider.set(webcrypto);
  const { subtle } = webcrypto;
  const privateKey = await subtle.importKey(
    'pkcs8',
    key.export({ type: 'pkcs8', format: 'der' }),
    KEY_ALGORITHM,
    false,
    ['sign'],
  );
  const publicDer = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return {
    privateKey,
    publicKey: await subtle.importKey('spki', publicDer, KEY_ALGORITHM, true, ['verify']),
  };
}

function isFresh(certFile: string): boolean {
  if (!existsSync(certFile)) return false;
  const { validTo } = new NodeCertificate(readFileSync(certFile));
  return Date.parse(validTo) - Date.now() > RENEW_DAYS * DAY_MS;
}

function validFor(days: number) {
  const now = Date.now();
  // An hour back: clocks of containers on one machine differ.
  return { notBefore: new Date(now - DAY_MS / 24), notAfter: new Date(now + days * DAY_MS) };
}

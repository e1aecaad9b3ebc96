/** What `sslmode=verify-full&sslrootcert=` in a URL does (docs/kubernetes.md), for each way in which services connect. */
// The certificate library needs it before itself.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import * as x509 from '@peculiar/x509';
import { silentLogger } from '@quorate/messaging';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { connectPool } from './pool';

const SSL_REQUEST = 80877103;

/** PEM */
interface Certificate {
  cert: string;
  key: string;
}

/** Takes the login of whoever gets so far, by TLS or in clear, and answers that this is enough. */
class Listener {
  readonly logins: string[] = [];
  private constructor(private readonly server: Server) {}

  static async start(certificate: Certificate): Promise<Listener> {
    const secureContext = createSecureContext(certificate);
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (first) => {
        if (first.readInt32BE(4) !== SSL_REQUEST) return listener.take('in clear', socket, first);
        socket.write('S');
        const secure = new TLSSocket(socket, { isServer: true, secureContext });
        secure.on('error', () => undefined);
        secure.once('data', (login: Buffer) => listener.take('over TLS', secure, login));
      });
    });
    const listener = new Listener(server);
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    return listener;
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private take(how: string, socket: Socket, login: Buffer): void {
    if (login.includes('user')) this.logins.push(how);
    const fields = Buffer.from('SFATAL\0C28000\0Menough\0\0');
    const head = Buffer.alloc(5);
    head.write('E');
    head.writeInt32BE(fields.length + 4, 1);
    socket.end(Buffer.concat([head, fields]));
  }
}

const WAYS: Record<string, (url: string) => Promise<unknown>> = {
  'of its own': (connectionString) => new Client({ connectionString }).connect(),
  pooled: async (url) => {
    const options = { size: 1, durable: true, idleTransactionMs: 1000 };
    const pool = connectPool(url, options, silentLogger);
    return pool.query('SELECT 1').finally(() => pool.end());
  },
  'for migrations': (url) => new DataSource({ type: 'postgres', url, logging: false }).initialize(),
};

describe.each(Object.entries(WAYS))('a connection %s', (_, connect) => {
  let folder: string;
  let listener: Listener | undefined;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quorate-tls-'));
  });
  afterEach(async () => {
    await listener?.close();
    rmSync(folder, { recursive: true });
  });

  /** A server with a certificate for this name; the certificate is its own authority. */
  const server = async (name: string) => {
    const certificate = await selfSigned(name);
    writeFileSync(join(folder, 'ca.pem'), certificate.cert);
    listener = await Listener.start(certificate);
    return listener;
  };
  const url = ({ port }: Listener, query: string) => `postgres://user:hush@localhost:${port}/db${query}`;
  const verified = (ca = 'ca.pem') => `?sslmode=verify-full&sslrootcert=${join(folder, ca)}`;

  it('is made over TLS to the server whose authority and name the URL has', async () => {
    const ours = await server('localhost');
    await expect(connect(url(ours, verified()))).rejects.toThrow('enough');
    expect(ours.logins).toEqual(['over TLS']);
  });

  it('is not made to a server of another authority', async () => {
    const theirs = await server('localhost');
    writeFileSync(join(folder, 'other.pem'), (await selfSigned('localhost')).cert);
    await expect(connect(url(theirs, verified('other.pem')))).rejects.toThrow('self-signed certificate');
    await expect(connect(url(theirs, '?sslmode=verify-full'))).rejects.toThrow('self-signed certificate');
    expect(theirs.logins).toEqual([]);
  });

  it('is not made to a server with another name', async () => {
    const other = await server('db.example.org');
    await expect(connect(url(other, verified()))).rejects.toThrow("does not match certificate's altnames");
    expect(other.logins).toEqual([]);
  });

  it('is made in clear by a URL that says nothing', async () => {
    const ours = await server('localhost');
    await expect(connect(url(ours, ''))).rejects.toThrow('enough');
    expect(ours.logins).toEqual(['in clear']);
  });
});

async function selfSigned(name: string): Promise<Certificate> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      keys,
      name: `CN=${name}`,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
    },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') };
}

import { type KeyObject, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { credentials, makeClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath, signDetached } from '@quorate/protocol';
import { type TlsFiles } from './fake-node';

const TRIES = 5;

type Method = (request: object, callback: (error: ServiceError | null, answer: unknown) => void) => void;

/** Calls a unary method of quorate.control.v1.Control as an operator does; asks again when the connection was lost. */
export async function callControl<T>(
  port: number,
  tls: TlsFiles,
  method: string,
  request: object,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await callOnce(port, tls, method, request);
    } catch (error) {
      if (tries === TRIES || !String(error).includes('UNAVAILABLE: Connection dropped')) throw error;
    }
  }
}

async function callOnce<T>(port: number, tls: TlsFiles, method: string, request: object): Promise<T> {
  const definition = loadSync(protoPath('control'), {
    defaults: true,
    oneofs: true,
    enums: String,
    longs: String,
  });
  const service = definition['quorate.control.v1.Control'];
  if (service === undefined || 'format' in service) throw new Error('no Control in the proto');
  const Client = makeClientConstructor(service, 'Control');
  const [ca, key, cert] = [tls.caFile, tls.keyFile, tls.certFile].map((file) => readFileSync(file));
  if (ca === undefined || key === undefined || cert === undefined) throw new Error('no certificates');
  const client = new Client(`127.0.0.1:${port}`, credentials.createSsl(ca, key, cert));
  try {
    return await new Promise<T>((resolve, reject) => {
      const call = Reflect.get(client, method) as Method;
      call.call(client, request, (error, answer) => {
        if (error === null) resolve(answer as T);
        else reject(error);
      });
    });
  } finally {
    client.close();
  }
}

/** A signed CreateKey request. */
export function createKeyRequest(
  operator: KeyObject,
  threshold: number,
  participants: string[],
  change: object = {},
) {
  const parameters = { scheme: 'ecdsa-secp256k1', threshold, participants, disjointQuorums: false };
  return { ...signedRequest(operator, 'CreateKey', { ...parameters, epoch: 0 }), ...change };
}

/** A request whose parameters the operator has signed. */
export function signedRequest<P extends object>(operator: KeyObject, what: string, parameters: P) {
  const command = Buffer.from(
    JSON.stringify({
      what,
      ...parameters,
      expiry: new Date(Date.now() + 60_000).toISOString(),
      nonce: `0x${randomBytes(32).toString('hex')}`,
    }),
  );
  const signatures = [signDetached(operator, 'operator', 'operator-command', command)];
  return { ...parameters, command, signatures };
}

/** A signed call of Halt or Resume; `content` is what the command says besides its stamp. */
export function signedCall(operator: KeyObject, content: { scope: string } & Record<string, unknown>) {
  const stamp = {
    expiry: new Date(Date.now() + 60_000).toISOString(),
    nonce: `0x${randomBytes(32).toString('hex')}`,
  };
  const command = Buffer.from(JSON.stringify({ ...content, ...stamp }));
  const signatures = [signDetached(operator, 'operator', 'operator-command', command)];
  return { ...content, command, signatures };
}

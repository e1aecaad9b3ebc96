/**
 * How requests to JSON-RPC endpoints leave: one HTTP request each, with a deadline for the whole exchange after which its
 * socket is gone, and a limit for the answer. (The transport of ethers limits the pause between bytes only, and keeps
 * the sockets of calls that it gave up.)
 */
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

import { type FetchGetUrlFunc, type GetUrlResponse, makeError } from 'ethers';

/** Bytes; the receipts of a full block of a large chain are a tenth of this. */
const maxAnswer = 64 * 1024 * 1024;
/** Connections to one endpoint; calls that find none wait, within their deadline. */
const maxSockets = 256;

export interface DirectTransport {
  readonly fetch: FetchGetUrlFunc;
  /**
   * The result of one call, without what ethers does around it: thousands of transactions leave so. Throws as a provider
   * of ethers does that leaves the errors of nodes as they are (`error`).
   */
  call(method: string, params: unknown[]): Promise<unknown>;
  /** Closes the connections. */
  close(): void;
}

type Outgoing = Pick<Parameters<FetchGetUrlFunc>[0], 'url' | 'method' | 'headers' | 'body'>;

/** @param timeoutMs for a call with its answer. */
export function directTransport(url: string, timeoutMs: number): DirectTransport {
  const secure = new URL(url).protocol === 'https:';
  const options = { keepAlive: true, maxSockets };
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
  const open = secure ? httpsRequest : httpRequest;
  const exchange = ({ url: target, method, headers, body }: Outgoing): Promise<GetUrlResponse> =>
    new Promise((resolve, reject) => {
      const request = open(target, { method, headers, agent });
      const deadline = setTimeout(() => {
        request.destroy(
          makeError('request timeout', 'TIMEOUT', { operation: 'request.send', reason: 'timeout' }),
        );
      }, timeoutMs);
      const settle = (finish: () => void) => {
        clearTimeout(deadline);
        finish();
      };
      request.on('error', (error) => settle(() => reject(error)));
      request.on('response', (response) => {
        readAll(response).then(
          (bytes) => {
            const { statusCode = 0, statusMessage = '' } = response;
            const answer = { statusCode, statusMessage, headers: headersOf(response), body: bytes };
            settle(() => resolve(answer));
          },
          (error: unknown) => {
            request.destroy();
            settle(() => reject(error instanceof Error ? error : new Error(String(error))));
          },
        );
      });
      request.end(body ?? undefined);
    });
  let calls = 0;
  const call = async (method: string, params: unknown[]): Promise<unknown> => {
    const id = (calls += 1);
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
    return resultIn(await exchange({ url, method: 'POST', headers, body }), id);
  };
  return { fetch: exchange, call, close: () => agent.destroy() };
}

/** Of the answer to the call with this id. */
function resultIn({ statusCode, body }: GetUrlResponse, id: number): unknown {
  if (statusCode < 200 || statusCode >= 300) throw withCode('SERVER_ERROR', `status ${statusCode}`);
  const answer = parsed(Buffer.from(body ?? []));
  if (typeof answer !== 'object' || answer === null || !('id' in answer) || answer.id !== id)
    throw withCode('BAD_DATA', 'not the answer to this call');
  if ('error' in answer && answer.error)
    throw Object.assign(new Error('a JSON-RPC error'), { error: answer.error });
  return 'result' in answer ? answer.result : undefined;
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw withCode('BAD_DATA', 'not JSON');
  }
}

/** Told apart by its code, as errors of ethers are. */
function withCode(code: 'SERVER_ERROR' | 'BAD_DATA', message: string): Error {
  return Object.assign(new Error(message), { code });
}

async function readAll(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a response without encoding gives buffers');
    size += chunk.length;
    if (size > maxAnswer) throw makeError('the answer is too large', 'BAD_DATA', { value: size });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}

/**
 * How calls to JSON-RPC endpoints leave: one HTTP request each, with a deadline for the whole exchange after which its
 * socket is gone, and a limit for the answer. (The transport of ethers limits the pause between bytes only, keeps the
 * sockets of calls that it gave up, and takes longer than a local node does.)
 */
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

import { makeError } from 'ethers';

const KIB = 1024;
/** Bytes of an answer, where it is more than a number or an error. */
const ANSWER_LIMITS: Readonly<Partial<Record<string, number>>> = {
  // The receipts of a full block of a large chain are a tenth of this.
  eth_getBlockReceipts: 64 * KIB * KIB,
  eth_getBlockByNumber: 8 * KIB * KIB,
  eth_getTransactionReceipt: 8 * KIB * KIB,
  eth_getTransactionByHash: 2 * KIB * KIB,
  eth_call: 2 * KIB * KIB,
  eth_estimateGas: 2 * KIB * KIB,
};
/** Bytes of any other answer: many calls are under way at once. */
const ANSWER_LIMIT = 64 * KIB;
/** Connections to one endpoint; calls that find none wait, within their deadline. */
const maxSockets = 256;

export interface DirectTransport {
  /**
   * The result of one call. Throws what is told apart by its `code`, as errors of ethers are; the error of a node as the
   * node wrote it (`error`).
   */
  call(method: string, params: unknown[]): Promise<unknown>;
  /** Closes the connections: what is under way fails, and so does what is asked later. */
  close(): void;
}

interface Answer {
  status: number;
  body: Buffer;
}

/** @param timeoutMs for a call with its answer. */
export function directTransport(url: string, timeoutMs: number): DirectTransport {
  const secure = new URL(url).protocol === 'https:';
  const options = { keepAlive: true, maxSockets };
  const agent = secure ? new HttpsAgent(options) : new HttpAgent(options);
  const open = secure ? httpsRequest : httpRequest;
  const post = (body: Buffer, limit: number): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
      const request = open(url, { method: 'POST', headers, agent });
      const deadline = setTimeout(() => {
        request.destroy(
          makeError('request timeout', 'TIMEOUT', { operation: 'request.send', reason: 'timeout' }),
        );
      }, timeoutMs);
      const fail = (error: Error) => {
        clearTimeout(deadline);
        request.destroy();
        reject(error);
      };
      request.on('error', fail);
      request.on('response', (response) => {
        readAll(response, limit, fail, (bytes) => {
          clearTimeout(deadline);
          resolve({ status: response.statusCode ?? 0, body: bytes });
        });
      });
      request.end(body);
    });
  let calls = 0;
  let isClosed = false;
  const call = async (method: string, params: unknown[]): Promise<unknown> => {
    if (isClosed) throw withCode('SERVER_ERROR', 'closed');
    const id = (calls += 1);
    const body = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return resultIn(await post(body, ANSWER_LIMITS[method] ?? ANSWER_LIMIT), id);
  };
  const close = () => {
    isClosed = true;
    agent.destroy();
  };
  return { call, close };
}

/** Of the answer to the call with this id. */
function resultIn({ status, body }: Answer, id: number): unknown {
  if (status < 200 || status >= 300) throw withCode('SERVER_ERROR', `status ${status}`);
  const answer = parsed(body);
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

function withCode(code: 'SERVER_ERROR' | 'BAD_DATA', message: string): Error {
  return Object.assign(new Error(message), { code });
}

function readAll(
  response: IncomingMessage,
  limit: number,
  fail: (error: Error) => void,
  done: (bytes: Buffer) => void,
): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) fail(makeError('the answer is too large', 'BAD_DATA', { value: size }));
    else chunks.push(chunk);
  });
  response.on('error', fail);
  response.on('end', () => done(Buffer.concat(chunks)));
}

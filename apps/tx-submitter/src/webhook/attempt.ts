/** One attempt to deliver a webhook. The address is looked up once, checked, and that very address is called. */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

import { addressIn, type Endpoint } from './endpoint';
import { type ResolveHost } from './resolve-host';
import { webhookHeaders } from './signature';

/** For the look-up, the connection and the answer together, in milliseconds. */
export const attemptLimitMs = 10_000;
/** What is read of an answer's body before the connection is cut. */
const bodyLimit = 16 * 1024;

/** What is sent, again with each attempt. */
export interface WebhookMessage {
  eventId: string;
  body: Buffer;
  /** Counts from 1. */
  attempt: number;
}

/** What an attempt came to. */
export const verdicts = [
  'delivered',
  'gone',
  'redirected',
  'client-error',
  'server-error',
  'timeout',
  'unresolved',
  'address-refused',
  'unreachable',
] as const;
export type Verdict = (typeof verdicts)[number];

export interface AttemptResult {
  verdict: Verdict;
  /** For operators; nothing that the receiver chose but its status. */
  detail: string;
  /** How long the receiver asked to be left alone, in milliseconds. */
  retryAfterMs?: number | undefined;
}

interface Answer {
  status: number;
  retryAfter: string | undefined;
}

/**
 * Delivers a message, or says why not.
 *
 * @param stop when the process ends: the attempt is given up, and its result means nothing.
 */
export async function attempt(
  endpoint: Endpoint,
  message: WebhookMessage,
  resolve: ResolveHost,
  now: number,
  stop: AbortSignal,
): Promise<AttemptResult> {
  const ending = new AbortController();
  const end = () => ending.abort();
  const timer = setTimeout(end, attemptLimitMs);
  stop.addEventListener('abort', end, { once: true });
  try {
    const result = await attemptUntil(endpoint, message, resolve, now, ending.signal);
    return ending.signal.aborted && result.verdict !== 'delivered' ? tooLate : result;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener('abort', end);
  }
}

async function attemptUntil(
  endpoint: Endpoint,
  message: WebhookMessage,
  resolve: ResolveHost,
  now: number,
  signal: AbortSignal,
): Promise<AttemptResult> {
  let addresses: string[];
  try {
    const literal = addressIn(endpoint.url);
    addresses = literal === undefined ? await resolve(endpoint.url.hostname, signal) : [literal];
  } catch (error) {
    return { verdict: 'unresolved', detail: `host name not found${codeOf(error)}` };
  }
  // One answer that is not public is one too many: who mixes them wants to get in.
  if (!addresses.every((address) => endpoint.networks.permits(address))) {
    return { verdict: 'address-refused', detail: 'the host name leads to an address that is not allowed' };
  }
  // The next attempt tries the next one.
  const address = addresses[(message.attempt - 1) % addresses.length];
  if (address === undefined) return { verdict: 'unresolved', detail: 'the host name has no address' };
  try {
    return judge(await post(endpoint, address, message, now, signal));
  } catch (error) {
    return { verdict: 'unreachable', detail: `no answer${codeOf(error)}` };
  }
}

const tooLate: AttemptResult = { verdict: 'timeout', detail: `no answer within ${attemptLimitMs / 1_000} s` };

function judge({ status, retryAfter }: Answer): AttemptResult {
  const detail = `HTTP ${status}`;
  if (status >= 200 && status < 300) return { verdict: 'delivered', detail };
  if (status === 410) return { verdict: 'gone', detail };
  if (status >= 300 && status < 400) return { verdict: 'redirected', detail };
  const retryAfterMs = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1_000 : undefined;
  return { verdict: status < 500 ? 'client-error' : 'server-error', detail, retryAfterMs };
}

/** Resolves when the answer has ended, was cut because it is long, or has run out of time after its status. */
function post(
  { url, secrets }: Endpoint,
  address: string,
  { eventId, body }: WebhookMessage,
  now: number,
  signal: AbortSignal,
): Promise<Answer> {
  const isHttps = url.protocol === 'https:';
  const options = {
    method: 'POST',
    // An address: nothing is looked up a second time.
    host: address,
    port: url.port === '' ? (isHttps ? 443 : 80) : Number(url.port),
    path: url.pathname + url.search,
    // Whose certificate it has to be. An address as such is no server name (RFC 6066, section 3).
    ...(addressIn(url) === undefined && { servername: url.hostname }),
    headers: {
      host: url.host,
      'content-type': 'application/json',
      'content-length': body.length,
      'user-agent': 'quorate-webhooks/1',
      ...webhookHeaders({ id: eventId, timestamp: Math.floor(now / 1_000), body }, secrets),
    },
    // A connection of its own, closed after it.
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    let answer: Answer | undefined;
    const outgoing = (isHttps ? requestHttps : requestHttp)(options, (response) => {
      answer = { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] };
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > bodyLimit) response.destroy();
      });
      response.on('error', () => undefined); // The status counts.
    });
    let failure: Error | undefined;
    outgoing.on('error', (error) => (failure = error));
    outgoing.on('close', () => {
      if (answer === undefined) reject(failure ?? new Error('closed'));
      else resolve(answer);
    });
    outgoing.end(body);
  });
}

/** Codes of Node.js, such as ECONNREFUSED: messages may repeat what the other side said. */
function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{1,60}$/.test(code) ? `: ${code}` : '';
}

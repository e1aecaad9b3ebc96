/** What is used of express's requests and responses. */
import { type IncomingMessage, type ServerResponse } from 'node:http';

/** A request; `route` is what it matched, with the names of parameters. */
export interface HttpRequest extends IncomingMessage {
  readonly originalUrl: string;
  readonly route?: { readonly path: string };
  /** The best of these media types for the Accept header; false when it takes none of them. */
  accepts(types: string[]): string | false;
}

export type HttpResponse = ServerResponse;

/** The peer's address; with a proxy before the service, the proxy's. */
export function addressOf({ socket }: IncomingMessage): string {
  return socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown';
}

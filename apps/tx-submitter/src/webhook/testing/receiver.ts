import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';

import { until } from '../../../../../test/integration/until';

/** A webhook as it arrived. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** How a request is answered: a status, a status with headers, or as the function likes. */
export type ReceiverAnswer = number | 'hang' | ((response: ServerResponse, socket: Socket) => void);

/** An HTTP server on 127.0.0.1 that keeps what it gets. */
export class Receiver {
  answer: (received: Received) => ReceiverAnswer = () => 204;
  readonly received: Received[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', (incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const received = {
          path: incoming.url ?? '',
          headers: incoming.headers,
          body: Buffer.concat(chunks).toString(),
        };
        receiver.received.push(received);
        const answer = receiver.answer(received);
        if (typeof answer === 'number') response.writeHead(answer).end();
        else if (answer !== 'hang') answer(response, incoming.socket);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  url(path = '/'): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Ids of what arrived at a path, in order, with repetitions. */
  ids(path?: string): string[] {
    const here = this.received.filter((one) => path === undefined || one.path === path);
    return here.map(({ headers }) => String(headers['webhook-id']));
  }

  /** Resolves when so many webhooks have arrived. */
  async arrived(count: number, path?: string, timeoutMs = 20_000): Promise<void> {
    await until(() => this.ids(path).length >= count, timeoutMs);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

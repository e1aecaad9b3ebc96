import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

/**
 * What happens to eth_sendRawTransaction: `pass`; `drop` (reset, not forwarded); `reset` and `hang` (forwarded, the
 * answer is lost); `http-503` and `null` (forwarded, answered so).
 */
export type SendFault = 'pass' | 'drop' | 'reset' | 'hang' | 'http-503' | 'null';

/** A JSON-RPC proxy that loses sends or their answers. */
export class RpcProxy {
  fault: SendFault = 'pass';
  /** Raw transactions that came, in order. */
  readonly sent: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly target: string,
  ) {}

  static async start(target: string): Promise<RpcProxy> {
    const server = createServer();
    const proxy = new RpcProxy(server, target);
    server.on('request', (incoming: IncomingMessage, outgoing: ServerResponse) => {
      void proxy.handle(incoming, outgoing);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const call = JSON.parse(body.toString()) as { id: number; method: string; params: string[] };
    const fault = call.method === 'eth_sendRawTransaction' ? this.fault : 'pass';
    if (call.method === 'eth_sendRawTransaction') this.sent.push(String(call.params[0]));
    if (fault === 'drop') return void incoming.socket.destroy();
    const answer = await this.forward(body);
    if (fault === 'hang') return;
    if (fault === 'reset') return void incoming.socket.destroy();
    if (fault === 'http-503') return void outgoing.writeHead(503).end('away');
    const result = fault === 'null' ? JSON.stringify({ jsonrpc: '2.0', id: call.id, result: null }) : answer;
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(result);
  }

  private forward(body: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        this.target,
        { method: 'POST', headers: { 'content-type': 'application/json' } },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on('data', (chunk: Buffer) => chunks.push(chunk));
          answer.on('end', () => resolve(Buffer.concat(chunks)));
        },
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

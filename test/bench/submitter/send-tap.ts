/** A TCP relay in front of the chain that notes when transactions go by; bytes are passed on as they are. */
import { connect, createServer, type Server, type Socket } from 'node:net';

const METHOD = 'eth_sendRawTransaction';

export class SendTap {
  /** When the first transaction went by since `forget`, in milliseconds since 1970. */
  firstSendAt: number | undefined;
  lastSendAt: number | undefined;
  sends = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** Listens on a free port of this machine. */
  static async start(chainUrl: string, port: number): Promise<SendTap> {
    const { hostname, port: chainPort } = new URL(chainUrl);
    const server = createServer();
    const tap = new SendTap(server, `http://127.0.0.1:${port}`);
    server.on('connection', (client) => tap.relay(client, connect(Number(chainPort), hostname)));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    return tap;
  }

  forget(): void {
    this.firstSendAt = this.lastSendAt = undefined;
    this.sends = 0;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private relay(client: Socket, chain: Socket): void {
    const ends = [client, chain];
    for (const end of ends) {
      this.sockets.add(end.setNoDelay());
      end.on('error', () => ends.forEach((one) => one.destroy()));
      end.on('close', () => {
        this.sockets.delete(end);
        ends.forEach((one) => one.destroy());
      });
    }
    client.on('data', (bytes) => this.note(bytes));
    client.pipe(chain);
    chain.pipe(client);
  }

  /** A request that is cut in two within the method's name is missed: it is small, and comes in one piece. */
  private note(bytes: Buffer): void {
    if (!bytes.includes(METHOD)) return;
    this.firstSendAt ??= Date.now();
    this.lastSendAt = Date.now();
    this.sends += 1;
  }
}

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

type Wound = 'truncate' | 'corrupt';

/**
 * One TCP link from a service to something it uses, which can be made to fail: a listener of its own on 127.0.0.1 that
 * passes bytes on in both directions, unless told otherwise.
 */
export class TcpLink {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private delayMs = 0;
  private bytesPerSecond = Infinity;
  private refusing = false;
  private wound: Wound | undefined;
  /** Pending while the link is a black hole. */
  private gate: Promise<void> | undefined;
  private openGate: () => void = () => undefined;

  /**
   * @param name such as kafka/node-1
   * @param targetPort where the service would have connected to
   * @param pick chooses the byte that is flipped: a number from 0 to below its argument
   */
  constructor(
    readonly name: string,
    private readonly targetPort: number,
    private readonly pick: (below: number) => number,
  ) {}

  /** Resolves with the port where the service is to connect. */
  async open(): Promise<number> {
    const server = createServer((socket) => this.accept(socket));
    this.server = server;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error(`${this.name} has no port`);
    return address.port;
  }

  async close(): Promise<void> {
    this.heal();
    this.drop();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  /** Resets all connections; new ones are taken. */
  drop(): void {
    for (const socket of this.sockets) reset(socket);
  }

  /** Resets all connections and refuses new ones until healed. */
  cut(): void {
    this.refusing = true;
    this.drop();
  }

  /** Nothing passes in either direction until healed; connections stay open, as when a cable is pulled. */
  partition(): void {
    this.gate ??= new Promise((resolve) => {
      this.openGate = resolve;
    });
  }

  slow(delayMs: number): void {
    this.delayMs = delayMs;
  }

  throttle(bytesPerSecond: number): void {
    this.bytesPerSecond = bytesPerSecond;
  }

  /** The next bytes that pass are cut off in their middle, and the connection ends. */
  truncateNext(): void {
    this.wound = 'truncate';
  }

  /** One bit of the next bytes that pass is flipped. */
  corruptNext(): void {
    this.wound = 'corrupt';
  }

  /** Whole again; what was held back by a partition passes now. */
  heal(): void {
    this.delayMs = 0;
    this.bytesPerSecond = Infinity;
    this.refusing = false;
    this.wound = undefined;
    this.openGate();
    this.gate = undefined;
  }

  private accept(client: Socket): void {
    if (this.refusing) {
      reset(client);
      return;
    }
    const target = connect(this.targetPort, '127.0.0.1');
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      socket.setNoDelay(true);
      this.sockets.add(socket);
      // A reset is what this link is for: the other side learns of it by the close.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    void this.carry(client, target);
    void this.carry(target, client);
  }

  /** Resolves when the connection has ended. */
  private async carry(from: Socket, to: Socket): Promise<void> {
    try {
      for await (const chunk of from) {
        if (!Buffer.isBuffer(chunk)) throw new TypeError('a socket without encoding gives buffers');
        if (this.gate) await this.gate;
        if (this.delayMs > 0) await delay(this.delayMs);
        if (this.bytesPerSecond < Infinity) await delay((1000 * chunk.length) / this.bytesPerSecond);
        if (to.destroyed) return;
        if (!this.pass(chunk, to)) await once(to, 'drain');
      }
      to.end();
    } catch {
      to.destroy();
    }
  }

  /** Whether more may be written at once. */
  private pass(chunk: Buffer, to: Socket): boolean {
    const { wound } = this;
    this.wound = undefined;
    if (wound === 'truncate') {
      to.end(chunk.subarray(0, chunk.length >> 1));
      this.drop();
      return true;
    }
    if (wound === 'corrupt') {
      const at = this.pick(chunk.length);
      chunk.writeUInt8(chunk.readUInt8(at) ^ (1 << this.pick(8)), at);
    }
    return to.write(chunk);
  }
}

/** libuv refuses to reset a socket that is being shut down, and Node then never closes its handle: the process cannot end. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

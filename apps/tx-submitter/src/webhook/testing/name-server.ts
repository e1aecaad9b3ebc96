import { createSocket, type Socket } from 'node:dgram';
import { type AddressInfo } from 'node:net';

/** What it answers: IPv4 and IPv6 addresses of 4 and 16 bytes, or nothing at all. */
export type Zone = Record<string, { a: number[][]; aaaa: number[][] } | 'silence'>;

const typeA = 1;
const typeAaaa = 28;
const noSuchName = 3;

/** A name server on 127.0.0.1 (RFC 1035), as much of it as a look-up of addresses needs. */
export class NameServer {
  /** Names that were asked for, with repetitions. */
  readonly asked: string[] = [];

  private constructor(
    private readonly socket: Socket,
    private readonly zone: Zone,
  ) {}

  static async start(zone: Zone): Promise<NameServer> {
    const socket = createSocket('udp4');
    const server = new NameServer(socket, zone);
    socket.on('message', (query, from) => {
      const answer = server.answer(query);
      if (answer !== undefined) socket.send(answer, from.port, from.address);
    });
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return server;
  }

  get address(): string {
    const { port }: AddressInfo = this.socket.address();
    return `127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.socket.close(() => resolve()));
  }

  private answer(query: Buffer): Buffer | undefined {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const name = labels.join('.').toLowerCase();
    const type = query.readUInt16BE(at + 1);
    this.asked.push(name);
    const entry = this.zone[name];
    if (entry === 'silence') return undefined;
    const addresses = (type === typeA ? entry?.a : type === typeAaaa ? entry?.aaaa : undefined) ?? [];
    const header = Buffer.alloc(12);
    query.copy(header, 0, 0, 2);
    // An answer, with recursion.
    header.writeUInt16BE(0x8180 | (entry === undefined ? noSuchName : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(addresses.length, 6);
    const records = addresses.map((address) =>
      // The name of the question, type, class IN, one second to live.
      Buffer.from([0xc0, 0x0c, 0, type, 0, 1, 0, 0, 0, 1, 0, address.length, ...address]),
    );
    return Buffer.concat([header, query.subarray(12, at + 5), ...records]);
  }
}

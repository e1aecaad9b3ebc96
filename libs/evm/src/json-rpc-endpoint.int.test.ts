import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, type Socket } from 'node:net';

import { JsonRpcEndpoint } from './json-rpc-endpoint';

const hash = `0x${'ab'.repeat(32)}`;

describe('JsonRpcEndpoint', () => {
  let server: Server;
  let endpoint: JsonRpcEndpoint;
  let answer: RequestListener;
  let requests: string[];
  const sockets = new Set<Socket>();

  beforeEach(async () => {
    requests = [];
    server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        requests.push(Buffer.concat(chunks).toString());
        answer(incoming, outgoing);
      });
    });
    server.on('connection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    endpoint = new JsonRpcEndpoint(`http://127.0.0.1:${port}/v3/secret-key?token=hush`, {
      timeoutMs: 300,
    });
  });
  afterEach(async () => {
    endpoint.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const idOf = (request: string) => (JSON.parse(request) as { id: number }).id;
  const json =
    (body: object): RequestListener =>
    (_, outgoing) =>
      outgoing
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: idOf(requests.at(-1) ?? ''), ...body }));

  it.each<[string, RequestListener]>([
    ['429', (_, outgoing) => outgoing.writeHead(429).end('slow down')],
    ['503', (_, outgoing) => outgoing.writeHead(503).end('away')],
    ['a redirect', (_, outgoing) => outgoing.writeHead(301, { location: '/elsewhere' }).end()],
    ['HTML', (_, outgoing) => outgoing.writeHead(200).end('<html>Welcome</html>')],
    ['a reset', (incoming) => incoming.socket.destroy()],
    ['silence', () => undefined],
    ['a flood', (...args) => json({ result: hash, filler: ' '.repeat(70_000) })(...args)],
    ['drops of bytes', (_, outgoing) => void drip(outgoing)],
    [
      'half an answer',
      (incoming, outgoing) => void outgoing.write('{"jsonrpc"', () => incoming.socket.destroy()),
    ],
  ])(
    'asks once, does not wait long, and does not know what became of a send, after %s',
    async (_, listener) => {
      answer = listener;
      expect(await endpoint.send('0x01', hash)).toMatchObject({ kind: 'ambiguous', endpointFailed: true });
      expect(requests).toHaveLength(1);
    },
  );

  it('leaves no connection behind when it gave up waiting', async () => {
    answer = () => undefined;
    await endpoint.send('0x01', hash);
    while (sockets.size > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(sockets.size).toBe(0);
  });

  it('sends every call in a request of its own and remembers nothing', async () => {
    answer = (...args) => json({ result: '0x1' })(...args);
    const calls = [endpoint.transactionCount('0x01'), endpoint.transactionCount('0x01')];
    expect(await Promise.all([...calls, endpoint.transactionCount('0x01', 'finalized')])).toEqual([1, 1, 1]);
    expect(requests.map((request) => JSON.parse(request) as unknown)).toEqual([
      expect.objectContaining({ params: ['0x01', 'latest'] }),
      expect.objectContaining({ params: ['0x01', 'latest'] }),
      expect.objectContaining({ params: ['0x01', 'finalized'] }),
    ]);
  });

  it.each<[string, string, RequestListener]>([
    ['rpc', 'server error', (_, outgoing) => outgoing.writeHead(500).end()],
    ['rpc', 'wrong shape', (...args) => json({ result: 'seven' })(...args)],
    [
      'rpc',
      'rate limit',
      (...args) => json({ error: { code: -32005, message: 'rate limit reached' } })(...args),
    ],
    [
      'rpc-refused',
      'method not found',
      (...args) => json({ error: { code: -32601, message: 'method not found' } })(...args),
    ],
  ])('throws %s (%s), without the URL and its keys', async (code, reason, listener) => {
    answer = listener;
    const error: unknown = await endpoint.chainId().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'unavailable', code });
    expect(error).not.toHaveProperty('cause');
    expect(String(error)).toContain(reason);
    expect(String(error)).not.toMatch(/secret|hush/);
  });

  it('takes no numbers that nothing can be reckoned with', async () => {
    const receipt = {
      ...{ transactionHash: hash, blockHash: hash, blockNumber: '0x1', status: '0x1', gasUsed: '0x5208' },
    };
    const block = {
      ...{ number: '0x1', hash, parentHash: hash, gasUsed: '0x0', gasLimit: '0x1c9c380', transactions: [] },
      baseFeePerGas: '0x7',
    };
    const asked: [result: unknown, ask: () => Promise<unknown>][] = [
      [`0x${'f'.repeat(300)}`, () => endpoint.transactionCount('0x01')],
      ['0x20000000000000', () => endpoint.transactionCount('0x01')],
      [`0x1${'0'.repeat(32)}`, () => endpoint.gasPrice()],
      [`0x1${'0'.repeat(64)}`, () => endpoint.balance('0x01')],
      [{ ...receipt, blockNumber: `0x1${'0'.repeat(20)}` }, () => endpoint.receipt(hash)],
      [{ ...block, number: `0x1${'0'.repeat(20)}` }, () => endpoint.block('latest')],
      [{ ...block, baseFeePerGas: `0x${'f'.repeat(64)}` }, () => endpoint.block('latest')],
    ];
    for (const [result, ask] of asked) {
      answer = (...args) => json({ result })(...args);
      await expect(ask()).rejects.toMatchObject({ kind: 'unavailable', code: 'rpc' });
    }
    for (const [result, ask] of [
      [receipt, () => endpoint.receipt(hash)],
      [block, () => endpoint.block('latest')],
    ] as const) {
      answer = (...args) => json({ result })(...args);
      await expect(ask()).resolves.toBeDefined();
    }
  });
});

/** A byte now and then: never silent for long, and never done. */
async function drip(outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(200);
  while (!outgoing.destroyed) {
    outgoing.write(' ');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { TcpLink } from './tcp-link';

/** A server that sends back what it gets. */
let echo: Server;
let link: TcpLink;
let port: number;
const open: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  link = new TcpLink('test', typeof address === 'object' && address ? address.port : 0, () => 0);
  port = await link.open();
});
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await link.close();
  await new Promise((resolve) => echo.close(resolve));
});

async function connected(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  open.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Ends of connections are often errors, too: `once` would reject with them. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}

async function answer(socket: Socket): Promise<string> {
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString();
}

it('passes bytes on in both directions', async () => {
  const socket = await connected();
  socket.write('hello');
  expect(await answer(socket)).toBe('hello');
});

it('resets connections, and refuses new ones until it is whole again', async () => {
  const socket = await connected();
  socket.write('hello');
  await answer(socket);
  link.cut();
  await closed(socket);
  const refused = connect(port, '127.0.0.1').on('error', () => undefined);
  await closed(refused);
  link.heal();
  const again = await connected();
  again.write('back');
  expect(await answer(again)).toBe('back');
});

it('holds everything back while it is a black hole, and delivers it afterwards', async () => {
  const socket = await connected();
  socket.write('before');
  await answer(socket);
  link.partition();
  let arrived = '';
  socket.on('data', (bytes: Buffer) => (arrived += bytes.toString()));
  socket.write('during');
  const other = await connected();
  other.destroy();
  expect(arrived).toBe('');
  link.heal();
  await once(socket, 'data');
  expect(arrived).toBe('during');
});

it('flips one bit of the next bytes', async () => {
  const socket = await connected();
  socket.write('a');
  await answer(socket);
  link.corruptNext();
  socket.write('a');
  expect(await answer(socket)).toBe('`');
});

it('cuts the next bytes in their middle and ends the connection', async () => {
  const socket = await connected();
  socket.write('whole');
  await answer(socket);
  link.truncateNext();
  socket.write('x'.repeat(10));
  await closed(socket);
  const again = await connected();
  again.write('next');
  expect(await answer(again)).toBe('next');
});

import { once } from 'node:events';
import { connect, type ClientHttp2Session } from 'node:http2';
import { setImmediate as turn } from 'node:timers/promises';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { createLogger } from '@quorate/platform';
import { protoPath } from '@quorate/protocol';
import { Progress } from '../ceremony/progress';
import { ControlService } from './control.service';

const { 'quorate.control.v1.Control': definition } = loadSync(protoPath('control'), { defaults: true });
if (definition === undefined || 'format' in definition) throw new Error('no Control in the proto');
const methods = definition;

/** Of the service only what is watched: no call of the others is made. */
const serviceOf = (progress: Progress) =>
  new ControlService(
    ...(Array.from({ length: 4 }) as [never, never, never, never]),
    progress,
    createLogger('coordinator-1', 'silent'),
  ).implementation();

describe('who watches', () => {
  const progress = new Progress();
  const server = new Server();
  let session: ClientHttp2Session;

  beforeAll(async () => {
    server.addService(methods, serviceOf(progress));
    const port = await new Promise<number>((resolve, reject) =>
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    );
    session = connect(`http://127.0.0.1:${port}`);
  });

  afterAll(() => {
    session.destroy();
    server.forceShutdown();
  });

  test('and does not read is let go, and no more is kept for it', async () => {
    // Not a client of grpc-js, which reads ahead of whoever calls it.
    const stream = session.request({
      ':method': 'POST',
      ':path': '/quorate.control.v1.Control/Watch',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.end(Buffer.alloc(5));
    const ended = once(stream, 'trailers');
    while (!isWatched(progress)) await turn();
    while (isWatched(progress)) {
      progress.tell('key', 'k1', 'ready', 'x'.repeat(1_000));
      await turn();
    }
    stream.resume();
    const [trailers] = (await ended) as [Record<string, string>];
    expect(Number(trailers['grpc-status'])).toBe(status.RESOURCE_EXHAUSTED);
  });
});

const isWatched = (progress: Progress) => (Reflect.get(progress, 'listeners') as Set<unknown>).size > 0;

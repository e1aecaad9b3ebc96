import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { assertPortsFree, freePorts } from './free-ports';

describe('assertPortsFree', () => {
  let server: Server;
  let taken: number;
  beforeAll(async () => {
    [taken = 0] = await freePorts(1);
    server = createServer().listen(taken, '0.0.0.0');
    await once(server, 'listening');
  });
  afterAll(() => server.close());

  it('names the taken port, who wanted it, and the setting that moves it', async () => {
    const [free = 0] = await freePorts(1);
    await expect(
      assertPortsFree([
        { port: free, setting: 'EMBEDDED_POSTGRES_PORT', user: 'Postgres' },
        { port: taken, setting: 'EMBEDDED_KAFKA_PORT', user: 'Kafka' },
      ]),
    ).rejects.toMatchObject({
      code: 'port-taken',
      message: `port ${taken} for Kafka is taken by another process: set EMBEDDED_KAFKA_PORT`,
      remedy: expect.stringMatching(/^for example: EMBEDDED_KAFKA_PORT=\d+ npm start$/) as string,
    });
  });

  it('notices two parts that want the same port', async () => {
    const [port = 0] = await freePorts(1);
    await expect(
      assertPortsFree([
        { port, setting: 'EMBEDDED_KAFKA_PORT', user: 'Kafka' },
        { port, setting: 'EMBEDDED_NODES_PORT', user: 'node-1' },
      ]),
    ).rejects.toThrow(
      `port ${port} is claimed by Kafka (EMBEDDED_KAFKA_PORT) and by node-1 (EMBEDDED_NODES_PORT)`,
    );
  });
});

import { ForeignClient } from './foreign-client';
import { killProcess, readLog, readStack } from './running-stack';

const REQUESTS = 40;

const stack = readStack();
const services = Object.entries(stack.processes).flatMap(([name, { health }]) =>
  health === undefined ? [] : [name],
);
const client = new ForeignClient(stack);

beforeAll(() => client.connect(), 60_000);
afterAll(() => client.close());
jest.setTimeout(120_000);

interface LogLine {
  level: string;
  msg: string;
  reason?: string;
}

describe('a service that is asked to end (SIGTERM) while requests are running', () => {
  it.each(services)('%s: ends by itself within its 10 s, and every request is signed', async (name) => {
    const before = readLog(name).length;
    const requests = Array.from({ length: REQUESTS }, (_, n) =>
      client.request({ kind: 'eip191', message: `0x${n.toString(16).padStart(8, '0')}` }),
    );
    const ended: Promise<void>[] = [];
    for (const [n, request] of requests.entries()) {
      await client.send('mpc.requests', request.requestId, request);
      if (n === REQUESTS / 2) ended.push(killProcess(name, 'SIGTERM'));
    }
    await Promise.all(ended);
    const finals = await Promise.all(requests.map(({ requestId }) => client.finalOf(requestId)));
    expect(finals.map(({ json }) => json.type)).toEqual(requests.map(() => 'quorate.sign.completed.v1'));

    const lines = readLog(name)
      .slice(before)
      .map((line) => JSON.parse(line) as LogLine);
    expect(lines).toContainEqual(expect.objectContaining({ msg: 'shutting down', reason: 'SIGTERM' }));
    // Neither 'shutdown took too long', which is where a service gives up waiting, nor anything that failed on the way.
    expect(lines.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
  });
});

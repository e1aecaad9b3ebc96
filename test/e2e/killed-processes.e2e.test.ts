import { ForeignClient } from './foreign-client';
import { killProcess, readStack } from './running-stack';

const REQUESTS = 200;
const REQUESTS_BEFORE_KILL = 60;
const IN_FLIGHT = 32;

const stack = readStack();
const client = new ForeignClient(stack);

beforeAll(() => client.connect(), 60_000);
afterAll(() => client.close());
jest.setTimeout(240_000);

/** Produces until the broker took it: a client may send the same bytes as often as it likes. */
async function produceSurely(request: { requestId: string }): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send('mpc.requests', request.requestId, request);
      return;
    } catch (error) {
      if (attempt === 60) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

describe('kill -9 while 200 requests are running', () => {
  it.each(Object.keys(stack.processes))('%s: every request has exactly one outcome', async (name) => {
    const ids = new Set<string>();
    const answered = (): number =>
      new Set(client.received.map(({ json }) => String(json.requestId)).filter((id) => ids.has(id))).size;
    let killed: Promise<void> | undefined;
    for (let n = 0; n < REQUESTS; n++) {
      const request = client.request({ kind: 'eip191', message: `0x${n.toString(16).padStart(8, '0')}` });
      ids.add(request.requestId);
      await produceSurely(request);
      if (n === REQUESTS_BEFORE_KILL) {
        killed = killProcess(name);
      }
      // While the pipeline stands still, the rest is sent all the same: nobody waits for a full window.
      if (n - answered() > IN_FLIGHT) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await killed;
    const isMine = ({ topic, json }: { topic: string; json: Record<string, unknown> }): boolean =>
      topic === client.topic('mpc.finals') && ids.has(String(json.requestId));
    for (const id of ids) await client.finalOf(id);
    const finals = client.received.filter(isMine);
    const outcomes = new Map<string, Set<string>>();
    for (const { json, value } of finals) {
      const id = String(json.requestId);
      outcomes.set(id, (outcomes.get(id) ?? new Set()).add(value.toString('base64')));
    }
    expect(outcomes.size).toBe(REQUESTS);
    expect([...outcomes.values()].filter((values) => values.size !== 1)).toEqual([]);
    const rejected = finals.filter(({ json }) => json.type !== 'quorate.sign.completed.v1');
    expect(rejected.map(({ json }) => `${String(json.code)}: ${String(json.reason)}`)).toEqual([]);
    const presignatures = new Set(finals.map(({ json }) => json.presignatureId));
    expect(presignatures.size).toBe(REQUESTS);
  });
});

import { ForeignClient } from './foreign-client';
import { readStack } from './running-stack';

const LANES = 8;
const BEFORE_MS = 3_000;
const AFTER_MS = 12_000;
/** Long enough for a suspect to rest, be tried and show that it works again. */
const RECOVERY_MS = 90_000;

const stack = readStack();
const client = new ForeignClient(stack);
const [victim = ''] = stack.key.participants.slice(-1);

interface Answered {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly final: Record<string, unknown>;
}

beforeAll(() => client.connect(), 60_000);
afterAll(() => client.close());
jest.setTimeout(240_000);

/** Requests in a few lanes, one after the other in each, until the promise resolves. */
async function requestsUntil(end: Promise<unknown>): Promise<Answered[]> {
  const answered: Answered[] = [];
  let isOver = false;
  void end.then(() => (isOver = true));
  const lane = async (): Promise<void> => {
    while (!isOver) {
      const request = client.request({ kind: 'eip191', message: '0x64656164' });
      const sentAt = Date.now();
      await client.send('mpc.requests', request.requestId, request);
      const { json } = await client.finalOf(request.requestId);
      answered.push({ sentAt, answeredAt: Date.now(), final: json });
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return answered;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function percentile(samples: readonly Answered[], share: number): string {
  const sorted = samples.map(({ sentAt, answeredAt }) => answeredAt - sentAt).sort((a, b) => a - b);
  return `${sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0} ms`;
}

/** The figures are printed, not judged: machines differ. */
function report(signal: string, answered: readonly Answered[], diedAt: number): void {
  const before = answered.filter(({ answeredAt }) => answeredAt < diedAt);
  const sentAfter = answered.filter(({ sentAt }) => sentAt >= diedAt);
  const first = Math.min(...sentAfter.map(({ answeredAt }) => answeredAt)) - diedAt;
  const inFlight = answered.filter(({ sentAt, answeredAt }) => sentAt < diedAt && answeredAt >= diedAt);
  const last = Math.max(...inFlight.map(({ answeredAt }) => answeredAt)) - diedAt;
  const spans = [0, 1, 2, 4, 8].map((second, i, all) => {
    const [from, to] = [diedAt + second * 1000, diedAt + (all[i + 1] ?? AFTER_MS / 1000) * 1000];
    const inSpan = sentAfter.filter(({ sentAt }) => sentAt >= from && sentAt < to);
    return `${second}s+: ${inSpan.length} p50 ${percentile(inSpan, 0.5)} max ${percentile(inSpan, 1)}`;
  });
  console.info(
    `${signal}: first signature of a request sent after the death: ${first} ms; those in flight done after ${last} ms\n` +
      `before: ${before.length} p50 ${percentile(before, 0.5)} p99 ${percentile(before, 0.99)}\n${spans.join('\n')}`,
  );
}

async function untilReady(): Promise<void> {
  for (const end = Date.now() + RECOVERY_MS; Date.now() < end;) {
    const urls = Object.values(readStack().processes).flatMap(({ health }) => health ?? []);
    const answers = await Promise.all(urls.map((url) => fetch(`${url}/readyz`).catch(() => undefined)));
    if (answers.every((answer) => answer?.ok === true)) return;
    await pause(250);
  }
  throw new Error('the stack was not ready again');
}

describe.each(['SIGSTOP', 'SIGKILL'] as const)('one of three nodes dies by %s', (signal) => {
  it('requests go on with the other two, and with all three when it is back', async () => {
    await requestsUntil(pause(BEFORE_MS));
    const pid = readStack().processes[victim]?.pid;
    if (pid === undefined) throw new Error(`${victim} has no process`);
    let diedAt = Infinity;
    const death = pause(BEFORE_MS).then(async () => {
      process.kill(pid, signal);
      diedAt = Date.now();
      await pause(AFTER_MS);
    });
    let answered: Answered[];
    try {
      answered = await requestsUntil(death);
    } finally {
      if (signal === 'SIGSTOP') process.kill(pid, 'SIGCONT');
    }
    report(signal, answered, diedAt);
    const outcomes = new Set(answered.map(({ final }) => final.type));
    expect([...outcomes]).toEqual(['quorate.sign.completed.v1']);
    const presignatures = new Set(answered.map(({ final }) => final.presignatureId));
    expect(presignatures.size).toBe(answered.length);

    await untilReady();
    const isBack = (async (): Promise<void> => {
      const used = ({ json }: { json: Record<string, unknown> }): boolean =>
        Array.isArray(json.committee) && json.committee.includes(victim);
      const before = client.received.filter(used).length;
      await client.atLeast(before + 1, used, RECOVERY_MS);
    })();
    await requestsUntil(isBack);
  });
});

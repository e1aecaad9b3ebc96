import { quorate } from './operator';
import { readStack } from './running-stack';

jest.setTimeout(120_000);

interface Parts {
  parts: { name: string; state: string; pid: number | null; restarts: number; ready: boolean }[];
}

const { participants } = readStack().key;
const [victim = ''] = participants.slice(-1);

describe('quorate stack', () => {
  // What it began with, whatever failed.
  afterAll(() => quorate('stack', 'start', victim));

  it('shows every part of the stack, running and ready', async () => {
    const { parts } = await quorate<Parts>('stack', 'status');
    expect(parts.map(({ name }) => name).sort()).toEqual(Object.keys(readStack().processes).sort());
    expect(parts.every(({ state, ready }) => state === 'ready' && ready)).toBe(true);
  });

  it('stops a node, without which the others sign, and starts it again', async () => {
    const pid = readStack().processes[victim]?.pid ?? 0;
    expect(await quorate('stack', 'stop', victim)).toEqual({ stopped: [victim] });
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect((await quorate<Parts>('stack', 'status', victim)).parts).toMatchObject([
      { state: 'stopped', pid: null, ready: false },
    ]);
    expect(readStack().processes[victim]).toMatchObject({ pid, stopped: true });
    await quorate('sign', '--message', 'without it');

    expect(await quorate('stack', 'start')).toEqual({ started: [victim] });
    expect(readStack().processes[victim]?.pid).not.toBe(pid);
    expect((await quorate<Parts>('stack', 'status', victim)).parts).toMatchObject([{ state: 'ready' }]);
  });

  it('names the parts when there is none of that name', async () => {
    const refused: unknown = await quorate('stack', 'stop', 'node-99').catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 3 });
    expect(JSON.stringify(refused)).toContain('no part is named node-99: ');
  });
});

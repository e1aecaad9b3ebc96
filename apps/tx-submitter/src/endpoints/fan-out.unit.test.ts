import { type SendVerdict } from '@quorate/evm';

import { FanOut, type SendTarget } from './fan-out';
import { SendMemory } from './send-memory';

const refused: SendVerdict = { kind: 'rejected', reason: 'underpriced', message: 'underpriced' };
const lost: SendVerdict = { kind: 'ambiguous', message: 'timeout', endpointFailed: true };

/** An endpoint whose answers the test gives. */
class ManualTarget implements SendTarget {
  private answer: (verdict: SendVerdict) => void = () => undefined;
  readonly sent: string[] = [];

  constructor(readonly name: string) {}

  send(raw: string): Promise<SendVerdict> {
    this.sent.push(raw);
    return new Promise((resolve) => (this.answer = resolve));
  }

  say(verdict: SendVerdict): void {
    this.answer(verdict);
  }
}

describe('FanOut', () => {
  let fanOut: FanOut;
  let contradictions: string[];
  let evictions: string[];
  let a: ManualTarget;
  let b: ManualTarget;

  beforeEach(() => {
    contradictions = [];
    evictions = [];
    const contradicted = (_: unknown, hash: string) => void contradictions.push(hash);
    const evicted = (endpoint: string, hash: string) => void evictions.push(`${endpoint} ${hash}`);
    fanOut = new FanOut({ answered: () => undefined, contradicted, evicted }, () => 0);
    a = new ManualTarget('a');
    b = new ManualTarget('b');
  });

  const send = (targets: SendTarget[], everAccepted = false) =>
    fanOut.broadcast(targets, '0xraw', '0xhash', everAccepted);

  it('is done with the first that has it, and collects the rest', async () => {
    const { first, all } = send([a, b]);
    b.say({ kind: 'accepted' });
    expect(await first).toEqual({ kind: 'pooled' });
    a.say(refused);
    expect(await all).toMatchObject({
      ...{ verdict: { kind: 'pooled' } },
      answers: [{ endpoint: 'a', verdict: refused }, { endpoint: 'b' }],
    });
    expect([a.sent, b.sent]).toEqual([['0xraw'], ['0xraw']]);
    expect(contradictions).toEqual(['0xhash']);
  });

  it('waits for all when none has it', async () => {
    const { first } = send([a, b]);
    a.say(refused);
    b.say(refused);
    expect(await first).toMatchObject({ kind: 'rejected', reason: 'underpriced' });
  });

  it('notices that an endpoint had lost what it takes again', async () => {
    for (const kind of ['accepted', 'known', 'accepted'] as const) {
      const { all } = send([a, b]);
      a.say({ kind });
      b.say(kind === 'known' ? { kind: 'accepted' } : refused);
      await all;
    }
    expect(evictions).toEqual(['a 0xhash']);
  });

  it('does not reject what an endpoint had once, or may have', async () => {
    const accepted = send([a, b]);
    a.say({ kind: 'accepted' });
    b.say(refused);
    await accepted.all;
    const again = send([a, b]);
    a.say(refused);
    b.say(refused);
    expect(await again.first).toEqual({ kind: 'maybe-sent' });
  });

  it('does not reject what lies perhaps at an endpoint that is away now', async () => {
    const uncertain = send([a, b]);
    a.say(lost);
    b.say(refused);
    expect(await uncertain.first).toEqual({ kind: 'maybe-sent' });
    const withoutA = send([b]);
    b.say(refused);
    expect(await withoutA.first).toEqual({ kind: 'maybe-sent' });
    const certain = send([a, b]);
    a.say(refused);
    b.say(refused);
    expect(await certain.first).toMatchObject({ kind: 'rejected' });
  });

  it('believes the caller that it was accepted before this process began', async () => {
    const { first } = send([a], true);
    a.say(refused);
    expect(await first).toEqual({ kind: 'maybe-sent' });
  });

  it('is maybe sent when there is nobody to send it to', async () => {
    expect(await send([]).first).toEqual({ kind: 'maybe-sent' });
  });
});

describe('SendMemory', () => {
  it('forgets the oldest first', () => {
    const memory = new SendMemory(2);
    for (const hash of ['1', '2', '3']) memory.note(hash, { endpoint: 'a', verdict: { kind: 'accepted' } });
    expect(['1', '2', '3'].map((hash) => memory.earlier(hash, []).accepted)).toEqual([false, true, true]);
  });
});

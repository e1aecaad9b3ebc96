import { createLogger } from '@quorate/platform';

import { type BroadcastVerdict } from '../endpoints/broadcast-verdict';
import { Broadcaster } from './broadcaster';
import { InFlight } from './in-flight';

const lane = { chainId: '31337', address: '0x01' };
const transaction = (nonce: bigint, n = 0) => ({
  identity: { requester: 'alice', intentId: `i${nonce}` },
  ...{ lane, nonce, n, kind: 'payload' as const, hash: `${nonce}.${n}`, raw: '0x', confirmations: 1 },
});
const gap: BroadcastVerdict = { kind: 'rejected', reason: 'nonce-too-high', message: 'NonceGap' };

describe('Broadcaster', () => {
  let now: number;
  let sent: string[];
  let answers: Map<string, (verdict: BroadcastVerdict) => void>;
  let woken: string[];
  let inFlight: InFlight;
  let broadcaster: Broadcaster;

  beforeEach(() => {
    now = 1_000;
    sent = [];
    answers = new Map();
    woken = [];
    inFlight = new InFlight();
    broadcaster = new Broadcaster({
      chain: {
        broadcast: (_raw, hash) => {
          sent.push(hash);
          const first = new Promise<BroadcastVerdict>((resolve) => answers.set(hash, resolve));
          return { first, all: first.then((verdict) => ({ verdict, answers: [] })) };
        },
      },
      inFlight,
      observations: { apply: async () => new Map() },
      headNumber: () => 9,
      onSentAgain: () => undefined,
      wakeLane: ({ address }) => woken.push(address),
      logger: createLogger('test', 'silent'),
      onFatal: (error) => {
        throw error;
      },
      now: () => now,
    });
  });

  const answer = async (hash: string, verdict: BroadcastVerdict = { kind: 'pooled' }): Promise<void> => {
    answers.get(hash)?.(verdict);
    await new Promise((resolve) => setImmediate(resolve));
  };

  it('sends by nonce what was signed in another order, without waiting for answers', () => {
    broadcaster.expect(lane, [4n, 5n, 6n]);
    broadcaster.send(transaction(6n));
    broadcaster.send(transaction(5n));
    expect(sent).toEqual([]);
    broadcaster.send(transaction(4n));
    expect(sent).toEqual(['4.0', '5.0', '6.0']);
  });

  it('does not wait for nonces that nothing is known to come for', () => {
    broadcaster.send(transaction(5n));
    expect(sent).toEqual(['5.0']);
  });

  it('sends what has waited too long, and what follows it', () => {
    broadcaster.expect(lane, [4n, 5n, 6n]);
    broadcaster.send(transaction(6n));
    broadcaster.send(transaction(5n));
    now += 1_999;
    broadcaster.sendAgain();
    expect(sent).toEqual([]);
    now += 1;
    broadcaster.sendAgain();
    expect(sent.sort()).toEqual(['5.0', '6.0']);
  });

  it('lets a later attempt go at once: the one before it was sent, or something else must take its place', () => {
    broadcaster.expect(lane, [4n, 5n]);
    broadcaster.send(transaction(5n, 0));
    broadcaster.send(transaction(5n, 1));
    expect(sent).toEqual(['5.1']);
  });

  it('waits for the transaction before, once a gap was refused, and no longer than for its answer', async () => {
    broadcaster.expect(lane, [4n, 5n, 6n, 7n]);
    for (const nonce of [4n, 5n, 6n]) broadcaster.send(transaction(nonce));
    await answer('6.0', gap);
    await answer('5.0', gap);
    broadcaster.send(transaction(7n));
    expect(sent).toEqual(['4.0', '5.0', '6.0']);
    await answer('4.0');
    expect(sent.slice(3)).toEqual(['5.0']);
    await answer('5.0');
    await answer('6.0');
    expect(sent.slice(3)).toEqual(['5.0', '6.0', '7.0']);
  });

  it('sends a dearer transaction as soon as the answer about the one before is there', async () => {
    broadcaster.send(transaction(4n));
    broadcaster.send(transaction(4n, 1));
    expect(sent).toEqual(['4.0']);
    await answer('4.0');
    expect(sent).toEqual(['4.0', '4.1']);
  });

  it('sends nothing that was withheld, and knows it by its hash', async () => {
    broadcaster.send({ ...transaction(4n), isWithheld: true });
    const flight = inFlight.get('4.0');
    Object.assign(flight ?? {}, { resendAt: now });
    broadcaster.sendAgain();
    await answer('4.0');
    expect(sent).toEqual([]);
    broadcaster.send(transaction(4n, 1));
    expect(sent).toEqual(['4.1']);
    expect(inFlight.get('4.0')).toBe(inFlight.get('4.1'));
  });

  it('sends what was refused for a gap again after a second when nothing is known to fill it', async () => {
    broadcaster.send(transaction(5n));
    await answer('5.0', gap);
    now += 1_000;
    broadcaster.sendAgain();
    expect(sent).toEqual(['5.0', '5.0']);
  });

  it('tells the lane of a first accept, once', async () => {
    broadcaster.send(transaction(4n));
    await answer('4.0');
    expect(woken).toEqual(['0x01']);
    now += 10_000;
    broadcaster.sendAgain();
    expect([sent, woken]).toEqual([['4.0'], ['0x01']]);
  });

  it('sends thousands again in order of their nonces, a few at a time', async () => {
    const nonces = Array.from({ length: 3_000 }, (_, n) => BigInt(n));
    for (const nonce of nonces) inFlight.add(transaction(nonce)).resendAt = now;
    broadcaster.sendAgain();
    expect(sent).toHaveLength(32);
    for (let n = 0; n < nonces.length; n += 1) await answer(`${n}.0`);
    expect(sent).toEqual(nonces.map((nonce) => `${nonce}.0`));
  });
});

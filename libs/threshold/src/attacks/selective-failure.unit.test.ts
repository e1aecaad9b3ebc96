/** Selective failure against the oblivious transfers (threats 3; specification sections 5.7, 5.8, 6.5 and 16). */
import { type PairJudge, createPairJudge } from '../presign/pair-judge';
import { parseRound1Broadcast, parseRound1Direct } from '../presign/payloads';
import { presignContext, pairContext } from '../presign/context';
import { bitMask, viewOf } from '../multiplication/limbs';
import { wasmKernel } from '../multiplication/kernel/wasm-kernel';
import { inconsistentMessage } from '../testing/cheating-receiver';
import { cheatInRows, openRun } from '../testing/multiplication-run';
import { runPlain } from '../testing/plain-ceremony';
import { presignStart } from '../testing/presign-harness';
import { seededRandom } from '../testing/seeded-random';
import { dealKey } from '../testing/trusted-dealer';

const { shares } = dealKey(2, 2, seededRandom('victim'));
const bitOf = (packed: Buffer, index: number) => bitMask(viewOf(packed), index) & 1;

/** Party 2 probes row m of party 1's Nabla in one presign session; what party 1 answers. */
function probe(row: number, judge: PairJudge): string {
  const start = { ...presignStart(shares, [1, 2], 1), rnd: Buffer.alloc(32, row + 1) };
  const key = shares.get(2);
  const pair = key?.pairs.get(1);
  if (!key || !pair) throw new RangeError('no share');
  const random = seededRandom('attacker');
  const context = presignContext(start, 2, { key, random, kernel: wasmKernel, judge });
  let receiverNonce = Buffer.alloc(0);
  const { failures } = runPlain(shares, start, {
    judge: (index) => (index === 1 ? judge : (_, check) => check()),
    tamper: ({ from, round, kind, bytes }) => {
      if (from !== 2 || round !== 1) return;
      if (kind === 'broadcast') receiverNonce = Buffer.from(parseRound1Broadcast(bytes).nonce);
      else {
        const cheat = { pairctx: pairContext(context, 1, 2), receiverNonce };
        parseRound1Direct(bytes).extensionMessage.set(
          inconsistentMessage(pair.asReceiver, cheat, 752, [row]),
        );
      }
    },
  });
  // Party 1 fails later, when it finds that party 2 did not keep what it sent. Only round 1 matters here.
  const check = failures.get(1)?.check ?? 'none';
  return check === 'presign.r1.ote' || check === 'pair-dead' ? check : 'answered';
}

describe('Nabla recovery by repeated selective failure (sections 5.8 and 16)', () => {
  const nabla = shares.get(1)?.pairs.get(2)?.asSender.nabla ?? Buffer.alloc(16);
  const rows = Array.from({ length: 24 }, (_, m) => m + 1);

  it('works without the rule: a victim that tries again gives away one bit of Nabla with each session', () => {
    const forgetful: PairJudge = (_, check) => check();
    const guessed = rows.map((row) => (probe(row, forgetful) === 'answered' ? 0 : 1));
    expect(guessed).toEqual(rows.map((row) => bitOf(nabla, row)));
  });

  it('must stop after one failure: the pair is dead, and stays dead after a restart', () => {
    const persisted: number[] = [];
    const restart = () => createPairJudge(new Set(persisted), (peer) => persisted.push(peer));
    let judge = restart();
    const answers: string[] = [];
    for (const row of rows) {
      answers.push(probe(row, judge));
      judge = restart(); // before every session: nothing but what was persisted is remembered
    }
    const first = rows.findIndex((row) => bitOf(nabla, row) === 1);
    expect(first).toBeGreaterThan(0);
    expect(answers).toEqual([
      ...Array<string>(first).fill('answered'),
      'presign.r1.ote',
      ...Array<string>(rows.length - first - 1).fill('pair-dead'),
    ]);
    expect(persisted).toEqual([2]);
  });

  it('a dead pair is refused without running the check, so that nothing more can be learnt from it', () => {
    const check = jest.fn(() => 1);
    const judge = createPairJudge(new Set([2]), () => undefined);
    expect(() => judge(2, check)).toThrow('BAN(2): pair-dead');
    expect(check).not.toHaveBeenCalled();
    expect(judge(3, () => 'other pairs live')).toBe('other pairs live');
  });

  it('the verdict is persisted before the failure is known to anyone', () => {
    const order: string[] = [];
    const judge = createPairJudge(new Set(), () => order.push('persisted'));
    expect(
      probe(rows.find((row) => bitOf(nabla, row) === 1) ?? 0, (peer, check) => {
        try {
          return judge(peer, check);
        } finally {
          order.push('left the judge');
        }
      }),
    ).toBe('presign.r1.ote');
    expect(order).toEqual(['persisted', 'left the judge']);
  });
});

describe('beta selective failure (sections 6.5 and 16)', () => {
  const RUNS = 160;
  const rate = (rows: number, runs = RUNS) => {
    let passed = 0;
    for (let k = 0; k < runs; k++) {
      const { run, send, receive } = openRun(`selective ${rows} ${k}`, 1);
      const chosen = Array.from({ length: rows }, (_, r) => (7 * k + 101 * r) % 752);
      const { message } = send(0, [3n, 4n], cheatInRows(run, chosen));
      if (receive(0, message)) passed++;
    }
    return passed / runs;
  };

  it('rate 1/2 per altered row', () => {
    expect(Math.abs(rate(1) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 4 / RUNS)); // 4 standard deviations
  });

  it('rate 1/4 for two rows, and none passes with twenty', () => {
    expect(Math.abs(rate(2) - 1 / 4)).toBeLessThan(4 * Math.sqrt(3 / 16 / RUNS));
    expect(rate(20, 20)).toBe(0);
  });
});

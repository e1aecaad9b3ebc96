import fc from 'fast-check';

import { decide } from '../intent/decide/decide';
import { evolve } from '../intent/evolve';
import { type IntentCommand, type PricedAttempt } from '../intent/commands';
import { type ActiveIntent, unknownIntent, type IntentState } from '../intent/intent';
import { feeLadderSchema, nextRung, rungsAbove } from './fee-ladder';
import { bumped } from './price-replacement';

const usual = (maxFeePerGas: bigint, maxPriorityFeePerGas = 1n) => ({ maxFeePerGas, maxPriorityFeePerGas });

describe('FEE_LADDER', () => {
  it('is the steps above the first, in thousandths', () => {
    expect(feeLadderSchema.parse('1, 1.25,1.6,2.5')).toEqual([1250n, 1600n, 2500n]);
    expect(feeLadderSchema.parse('1.000,100')).toEqual([100_000n]);
  });

  it.each([
    '',
    '1',
    '1.25,2',
    '1,1',
    '1,2,1.5',
    '1,2,',
    '1,-2',
    '1,1e3',
    '1,1.2345',
    '1,101',
    '1,1,1',
    'one',
    '1,2,3,4,5,6,7,8,9',
  ])('is not %p', (text) => {
    const parsed = feeLadderSchema.safeParse(text);
    expect(parsed.error?.issues[0]?.message).toMatch(/^expected 2 to 8 rising factors that begin with 1/);
  });
});

describe('the rungs of a ladder', () => {
  it('are the steps of both fees, rounded up', () => {
    expect(rungsAbove(usual(1_001n, 101n), [1250n, 2500n], 10_000n)).toEqual([
      usual(1_252n, 127n),
      usual(2_503n, 253n),
    ]);
  });

  it('are raised where a step is less than an eighth and 1 wei', () => {
    expect(rungsAbove(usual(800n, 80n), [1010n, 1300n], 10_000n)).toEqual([
      usual(901n, 91n),
      usual(1_040n, 104n),
    ]);
  });

  it('end below the ceiling', () => {
    expect(rungsAbove(usual(100n), [1250n, 1600n, 2500n], 160n)).toHaveLength(2);
    expect(rungsAbove(usual(100n), [1250n, 1600n, 2500n], 159n)).toHaveLength(1);
    expect(rungsAbove(usual(100n), [1250n], 100n)).toEqual([]);
  });

  it('are each taken for a replacement of the one before, and pay no tip above their fee', () => {
    const wei = fc.bigInt({ min: 0n, max: 10n ** 13n });
    const steps = fc.uniqueArray(fc.bigInt({ min: 1_001n, max: 100_000n }), { minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(wei, wei, steps, wei, (fee, more, ladder, ceiling) => {
        const first = usual(fee + more, fee);
        const rungs = rungsAbove(
          first,
          ladder.sort((a, b) => (a < b ? -1 : 1)),
          ceiling,
        );
        [first, ...rungs].slice(0, -1).forEach((before, i) => {
          expect(rungs[i]?.maxFeePerGas).toBeGreaterThanOrEqual(bumped(before.maxFeePerGas));
          expect(rungs[i]?.maxPriorityFeePerGas).toBeGreaterThanOrEqual(bumped(before.maxPriorityFeePerGas));
        });
        for (const rung of rungs) {
          expect(rung.maxFeePerGas).toBeLessThanOrEqual(ceiling);
          expect(rung.maxPriorityFeePerGas).toBeLessThanOrEqual(rung.maxFeePerGas);
        }
      }),
    );
  });
});

describe('the next rung', () => {
  const priced = (n: number, fee: number): PricedAttempt => ({
    ...{ gasLimit: '21000', maxFeePerGas: String(fee), maxPriorityFeePerGas: String(fee / 10) },
    ...{ digest: `0xd${n}`, requestId: `r${n}` },
  });
  const beginning: IntentCommand[] = [
    {
      ...{
        kind: 'receive',
        intentHash: '0x1',
        value: '',
        jws: '',
        approvals: [],
        now: 0,
        servedChainId: '1',
      },
      terms: { keyId: 'k', chainId: '1', confirmations: 1, expiresAt: '2100-01-01T00:00:00Z' },
    },
    { kind: 'authorize', key: { found: true, from: '0xf' } },
    {
      kind: 'reserve',
      nonce: '7',
      ...priced(0, 100),
      rungs: [priced(1, 130), priced(2, 160), priced(3, 250)],
    },
  ];
  const sign = (attempt: number): IntentCommand => ({
    ...{ kind: 'accept-signature', attempt, requestId: `r${attempt}`, hash: `0xa${attempt}` },
  });
  const climb = (attempt: number): IntentCommand => ({ kind: 'climb', attempt, reason: 'stale' });

  function after(...commands: IntentCommand[]): ActiveIntent {
    let state: IntentState = unknownIntent;
    for (const command of [...beginning, ...commands]) state = decide(command, state).reduce(evolve, state);
    if (state.stage !== 'active') throw new Error(state.stage);
    return state;
  }
  const allSigned = [0, 1, 2, 3].map(sign);

  it('is the cheapest that pays what is usual, or else the dearest', () => {
    expect(nextRung(after(...allSigned), usual(100n))).toBe(1);
    expect(nextRung(after(...allSigned), usual(131n))).toBe(2);
    expect(nextRung(after(...allSigned), usual(100n, 14n))).toBe(2);
    expect(nextRung(after(...allSigned), usual(1_000n))).toBe(3);
  });

  it('is above all that was sent, and there is none when the last was', () => {
    expect(nextRung(after(...allSigned, climb(1)), usual(100n))).toBe(2);
    expect(nextRung(after(...allSigned, climb(3)), usual(100n))).toBeUndefined();
  });

  it('is one that is signed, even while others are awaited', () => {
    expect(nextRung(after(sign(0), sign(3)), usual(100n))).toBe(3);
    expect(nextRung(after(sign(2)), usual(100n))).toBe(2);
  });

  it('is awaited when none is signed, and no other signature is awaited', () => {
    expect(nextRung(after(sign(0)), usual(100n))).toBe(1);
    expect(nextRung(after(), usual(100n))).toBeUndefined();
    expect(nextRung(after(sign(0), climb(1)), usual(100n))).toBeUndefined();
  });

  it('is none that the signers refused, that a cancelled intent has, or while a block holds one', () => {
    const refuse: IntentCommand = {
      ...{ kind: 'refuse-signature', requestId: 'r1', code: 'policy', reason: 'no' },
      ...{ mayBeSigned: false, now: 0 },
    };
    expect(nextRung(after(sign(0), refuse, sign(2)), usual(100n))).toBe(2);
    expect(
      nextRung(after(...allSigned, { kind: 'request-cancel', by: 'alice' }), usual(100n)),
    ).toBeUndefined();
    const include: IntentCommand = {
      ...{ kind: 'note-inclusion', hash: '0xa0', block: { number: '1', hash: '0xb' }, status: 'success' },
      ...{ gasUsed: '1', effectiveGasPrice: '1' },
    };
    expect(nextRung(after(...allSigned, include), usual(100n))).toBeUndefined();
  });
});

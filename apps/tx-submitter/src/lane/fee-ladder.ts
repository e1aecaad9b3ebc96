/**
 * The fee ladder: transactions of one intent that are signed together with the first, each dearer than the one before it,
 * so that paying more needs no signer. Pure; amounts in wei per gas.
 */
import { type Fees } from '@quorate/evm';
import { z } from 'zod';

import { canClimb } from '../intent/decide/replacement';
import { type ActiveIntent, type Attempt, isForPools } from '../intent/intent';
import { bumped } from './price-replacement';

/** Steps of a ladder in thousandths of the first transaction's fees, without the first. */
export type FeeLadder = readonly bigint[];

type FeePair = Omit<Fees, 'type'>;

const mostSteps = 8;
const highestStep = 100_000n;

/** FEE_LADDER: factors of the first transaction's fees, itself first, for example `1,1.25,1.6,2.5`. */
export const feeLadderSchema = z.string().transform((text, context): FeeLadder => {
  const factors = text.split(',').map((factor) => thousandths(factor.trim()));
  const isRising = factors.every((factor, i) => {
    const before = factors[i - 1];
    return (
      factor !== undefined &&
      factor <= highestStep &&
      (before === undefined ? factor === 1_000n : factor > before)
    );
  });
  if (isRising && factors.length >= 2 && factors.length <= mostSteps)
    return factors.slice(1).flatMap((factor) => factor ?? []);
  context.addIssue({
    code: 'custom',
    message: `expected 2 to ${mostSteps} rising factors that begin with 1, of at most 3 decimals and at most 100, for example 1,1.25,1.6,2.5`,
  });
  return z.NEVER;
});

function thousandths(factor: string): bigint | undefined {
  const [, whole, decimals = ''] = /^(\d{1,3})(?:\.(\d{1,3}))?$/.exec(factor) ?? [];
  return whole === undefined ? undefined : BigInt(whole + decimals.padEnd(3, '0'));
}

/**
 * The fees above those of a first transaction, as many as fit the ceiling: what the ladder says, or else an eighth and 1 wei
 * above the rung before, whichever is more.
 */
export function rungsAbove(first: FeePair, ladder: FeeLadder, ceiling: bigint): FeePair[] {
  const rungs: FeePair[] = [];
  let before = first;
  for (const step of ladder) {
    const maxFeePerGas = highest(times(first.maxFeePerGas, step), bumped(before.maxFeePerGas));
    const tip = highest(times(first.maxPriorityFeePerGas, step), bumped(before.maxPriorityFeePerGas));
    if (maxFeePerGas > ceiling) break;
    before = { maxFeePerGas, maxPriorityFeePerGas: tip };
    rungs.push(before);
  }
  return rungs;
}

/**
 * The held rung that is to be sent next: of those that pools take for a replacement of what was sent, the cheapest that pays
 * what is usual now, or else the dearest. Signed ones go first; one that is not is only named while no other signature is
 * awaited. Undefined when the signers have to be asked for another transaction.
 */
export function nextRung(state: ActiveIntent, usual: FeePair): number | undefined {
  const sent = state.attempts.filter(isForPools);
  const rungs = state.attempts.flatMap((rung, n) =>
    canClimb(state, n) && sent.every((one) => isReplacement(rung, one)) ? [{ ...rung, n }] : [],
  );
  const signed = rungs.filter(({ hash }) => hash !== undefined);
  const from = signed.length > 0 ? signed : rungs;
  return (from.find((rung) => pays(rung, usual)) ?? from.at(-1))?.n;
}

function isReplacement(rung: Attempt, sent: Attempt): boolean {
  return pays(rung, {
    maxFeePerGas: bumped(BigInt(sent.maxFeePerGas)),
    maxPriorityFeePerGas: bumped(BigInt(sent.maxPriorityFeePerGas)),
  });
}

function pays(rung: Attempt, fees: FeePair): boolean {
  return (
    BigInt(rung.maxFeePerGas) >= fees.maxFeePerGas &&
    BigInt(rung.maxPriorityFeePerGas) >= fees.maxPriorityFeePerGas
  );
}

/** Rounded up. */
function times(fee: bigint, inThousandths: bigint): bigint {
  return (fee * inThousandths + 999n) / 1_000n;
}

function highest(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

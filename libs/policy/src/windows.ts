/** Sliding windows: how much a requester may have signed within a period. The node keeps what was used. */
import { type WindowLimit } from './file/chain-rules';
import { secondsOf } from './file/period';
import { type ClientEntry } from './file/requester-entry';
import { tokenMovement } from './rules/call';
import { rulesOf } from './rules/chain';
import { type Finding, finding, type RuleName } from './rules/rule';
import { type PolicySubject } from './subject';

/** An amount that a signature uses up, and the windows that it has to fit into. */
export interface Charge {
  readonly rule: RuleName;
  /** What is counted together, such as `value/1`; counted apart for each requester. */
  readonly meter: string;
  /** For people, such as "wei on chain 1". */
  readonly unit: string;
  readonly amount: bigint;
  readonly windows: readonly Window[];
}

export interface Window {
  readonly period: string;
  readonly seconds: number;
  /** At most this much within the period. */
  readonly max: bigint;
}

/** What a request that the policy allows uses up; empty where no window is set. */
export function chargesOf(entry: ClientEntry, { transaction }: PolicySubject): Charge[] {
  if (transaction === undefined) return [];
  const rules = rulesOf(entry, transaction.chainId);
  const chain = transaction.chainId;
  const movement = tokenMovement(rules, transaction);
  const value: Charge = {
    rule: 'value-window',
    meter: `value/${chain}`,
    unit: `wei on chain ${chain}`,
    amount: transaction.value,
    windows: windowsOf(rules?.value?.windows),
  };
  const token: Charge[] =
    movement === undefined
      ? []
      : [
          {
            rule: 'token-window',
            meter: `token/${chain}/${movement.rule.token}`,
            unit: `of token ${movement.rule.token} on chain ${chain}`,
            amount: movement.amount,
            windows: windowsOf(movement.rule.windows),
          },
        ];
  return [value, ...token].filter(({ amount, windows }) => amount > 0n && windows.length > 0);
}

/**
 * Whether a charge fits a window.
 *
 * @param used what the requester's meter counted within the window's period
 */
export function checkWindow({ rule, unit, amount }: Charge, window: Window, used: bigint): Finding {
  const allowed = used + amount <= window.max;
  const sum = `${used} and ${amount} more ${unit}`;
  return finding(
    rule,
    allowed,
    `${sum} within ${window.period} ${allowed ? 'are at most' : 'are above'} ${window.max}`,
  );
}

function windowsOf(limits: readonly WindowLimit[] = []): Window[] {
  return limits.map(({ period, max }) => ({ period, seconds: secondsOf(period), max: BigInt(max) }));
}

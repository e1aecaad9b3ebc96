/** Amounts of wei (decimal strings) as people read them; exact, never rounded. */
const UNITS = [
  ['ETH', 18],
  ['gwei', 9],
] as const;

/** `1000000000000000` is `0.001 ETH`, `1180790232` is `1.180790232 gwei`, `947` is `947 wei`. */
export function weiText(wei: string): string {
  if (!/^\d{1,78}$/.test(wei)) return wei;
  const amount = BigInt(wei);
  if (amount === 0n) return '0 ETH';
  // The largest unit in which it needs no more than six digits behind the point.
  const unit = UNITS.find(([, digits]) => amount >= 10n ** BigInt(digits - 6)) ?? UNITS[1];
  return amount < 1000n ? `${amount} wei` : `${decimal(amount, unit[1])} ${unit[0]}`;
}

/** Fees per gas, in gwei. */
export function gweiText(wei: string): string {
  if (!/^\d{1,78}$/.test(wei)) return wei;
  const amount = BigInt(wei);
  return amount !== 0n && amount < 1_000n ? `${amount} wei` : `${decimal(amount, 9)} gwei`;
}

function decimal(amount: bigint, digits: number): string {
  const text = amount.toString().padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return `${text.slice(0, -digits)}${fraction && `.${fraction}`}`;
}

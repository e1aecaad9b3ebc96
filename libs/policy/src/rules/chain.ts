import { type ChainRules } from '../file/chain-rules';
import { type ClientEntry } from '../file/requester-entry';
import { finding, type Rule } from './rule';

/** The rules of a chain: its own, or those of "*". Undefined when the entry has no rules for transactions at all. */
export function rulesOf({ transactions }: ClientEntry, chainId: bigint): ChainRules | undefined {
  const own = transactions !== undefined && Object.hasOwn(transactions, String(chainId));
  return transactions?.[own ? String(chainId) : '*'];
}

export const chain: Rule = (entry, { transaction }) => {
  if (transaction === undefined) return undefined;
  const { chainId } = transaction;
  if (!entry.chains.includes('*') && !entry.chains.includes(String(chainId))) {
    return finding('chain', false, `${entry.kid} may not sign for chain ${chainId}`);
  }
  if (entry.transactions !== undefined && rulesOf(entry, chainId) === undefined) {
    return finding('chain', false, `"transactions" has no rules for chain ${chainId}`);
  }
  return finding('chain', true, `${entry.kid} may sign for chain ${chainId}`);
};

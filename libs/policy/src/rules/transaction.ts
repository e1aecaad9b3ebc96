/** Where a transaction goes, what it carries and what it may cost. */
import { type UnsignedTransaction } from '@quorate/evm';
import { type ChainRules } from '../file/chain-rules';
import { rulesOf } from './chain';
import { type Finding, finding, type Rule, type RuleName } from './rule';

export const contractCreation: Rule = (entry, { transaction }) => {
  if (transaction === undefined || transaction.to !== null) return undefined;
  const allowed = rulesOf(entry, transaction.chainId)?.contractCreation === true;
  return finding(
    'contract-creation',
    allowed,
    `the transaction creates a contract, which ${allowed ? 'is allowed' : `${entry.kid} may not`}`,
  );
};

export const destination: Rule = limited(({ destinations }, { to }) => {
  if (to === null) return undefined;
  const allowed = isAmong(destinations, to);
  return finding('destination', allowed, `${to} is ${allowed ? 'an allowed' : 'not an allowed'} destination`);
});

export const value: Rule = limited(({ value: limits }, transaction) =>
  atMost('value', 'value', transaction.value, limits?.perTransaction),
);
export const feePerGas: Rule = limited(({ fees }, { maxFeePerGas }) =>
  atMost('fee-per-gas', 'maxFeePerGas', maxFeePerGas, fees?.maxFeePerGas),
);
export const gasLimit: Rule = limited(({ fees }, transaction) =>
  atMost('gas-limit', 'gas limit', transaction.gasLimit, fees?.gasLimit),
);
export const feeTotal: Rule = limited(({ fees }, { gasLimit: gas, maxFeePerGas }) =>
  atMost('fee-total', 'gas limit * maxFeePerGas', gas * maxFeePerGas, fees?.total),
);

/** @param list addresses in lower case, or "*" */
export function isAmong(list: readonly string[], address: string): boolean {
  return list.includes('*') || list.includes(address);
}

/** A rule about transactions on a chain that has rules. */
function limited(check: (rules: ChainRules, transaction: UnsignedTransaction) => Finding | undefined): Rule {
  return (entry, { transaction }) => {
    const rules = transaction && rulesOf(entry, transaction.chainId);
    return rules && check(rules, transaction);
  };
}

function atMost(
  rule: RuleName,
  what: string,
  amount: bigint,
  limit: string | undefined,
): Finding | undefined {
  if (limit === undefined) return undefined;
  const allowed = amount <= BigInt(limit);
  return finding(rule, allowed, `${what} ${amount} is ${allowed ? 'within' : 'above'} the limit of ${limit}`);
}

/** Which functions of contracts may be called, with which arguments. */
import {
  type ArgumentValue,
  contractFunction,
  type ContractFunction,
  decodeCall,
  type UnsignedTransaction,
} from '@quorate/evm';
import { type CallRule, type ChainRules, type TokenRule } from '../file/chain-rules';
import { type ClientEntry } from '../file/requester-entry';
import { rulesOf } from './chain';
import { brokenLimit } from './limit';
import { type Finding, finding, type Rule } from './rule';
import { isAmong } from './transaction';

/** Tokens (EIP-20) that a call moves, or lets somebody else move. */
export interface TokenMovement {
  readonly rule: TokenRule;
  readonly signature: string;
  /** Who receives or may spend them, in lower case. */
  readonly recipient: string;
  /** In the token's smallest unit. */
  readonly amount: bigint;
}

type CallMatch =
  | { readonly kind: 'token'; readonly movement: TokenMovement }
  /** The rules that name this function, with its decoded arguments: one of them has to be kept. */
  | { readonly kind: 'call'; readonly signature: string; readonly rules: readonly DecodedCall[] }
  | { readonly kind: 'none'; readonly reason: string };

interface DecodedCall {
  readonly rule: CallRule;
  readonly values: readonly ArgumentValue[];
}

/** The functions of EIP-20 that count, by the place of recipient and amount among their arguments. */
const TOKEN_FUNCTIONS: readonly {
  readonly name: TokenRule['functions'][number];
  readonly called: ContractFunction;
  readonly recipient: number;
  readonly amount: number;
}[] = [
  {
    name: 'transfer',
    called: contractFunction('transfer(address to, uint256 amount)'),
    recipient: 0,
    amount: 1,
  },
  {
    name: 'approve',
    called: contractFunction('approve(address spender, uint256 amount)'),
    recipient: 0,
    amount: 1,
  },
  {
    name: 'transferFrom',
    called: contractFunction('transferFrom(address from, address to, uint256 amount)'),
    recipient: 1,
    amount: 2,
  },
];

export const calledFunction: Rule = (entry, { transaction }) => {
  const match = transaction && matchOf(rulesOf(entry, transaction.chainId), transaction);
  if (match === undefined) return undefined;
  if (match.kind === 'none') return finding('function', false, match.reason);
  const signature = match.kind === 'token' ? match.movement.signature : match.signature;
  return finding('function', true, `${signature} may be called at ${transaction?.to}`);
};

export const callArguments: Rule = (entry, { transaction }) => {
  const match = transaction && matchOf(rulesOf(entry, transaction.chainId), transaction);
  if (match?.kind !== 'call') return undefined;
  const broken = match.rules.map(brokenArgument);
  const [first] = broken;
  return first === undefined || broken.includes(undefined)
    ? finding('argument', true, `the arguments of ${match.signature} are within their limits`)
    : finding('argument', false, `${match.signature}: ${first}`);
};

export const tokenRecipient: Rule = onToken(({ rule, recipient }) => {
  const allowed = isAmong(rule.recipients, recipient);
  return finding(
    'token-recipient',
    allowed,
    `${recipient} ${allowed ? 'may' : 'may not'} get tokens of ${rule.token}`,
  );
});

export const tokenAmount: Rule = onToken(({ rule, amount }) => {
  if (rule.perTransaction === undefined) return undefined;
  const allowed = amount <= BigInt(rule.perTransaction);
  const relation = allowed ? 'within' : 'above';
  return finding(
    'token-amount',
    allowed,
    `amount ${amount} is ${relation} the limit of ${rule.perTransaction}`,
  );
});

/** What a transaction moves of a token that its chain's rules name. */
export function tokenMovement(
  rules: ChainRules | undefined,
  transaction: UnsignedTransaction,
): TokenMovement | undefined {
  const match = matchOf(rules, transaction);
  return match?.kind === 'token' ? match.movement : undefined;
}

/** A call with its arguments by name, as far as the functions of EIP-20 and of the chain's rules tell; for people. */
export function describeCall(
  entry: ClientEntry,
  { chainId, data }: UnsignedTransaction,
): { readonly signature: string; readonly arguments: Readonly<Record<string, string>> } | undefined {
  const named = (rulesOf(entry, chainId)?.calls ?? []).map((rule) => rule.function);
  for (const called of [...named, ...TOKEN_FUNCTIONS.map((token) => token.called)]) {
    const values = decodeCall(called, data);
    if (values === undefined) continue;
    const pairs = called.parameters.map(({ name }, place) => [name, shown(values[place])] as const);
    return { signature: called.signature, arguments: Object.fromEntries(pairs) };
  }
  return undefined;
}

function shown(value: ArgumentValue | undefined): string {
  return typeof value === 'object' ? `[${value.map(shown).join(', ')}]` : String(value);
}

function onToken(check: (movement: TokenMovement) => Finding | undefined): Rule {
  return (entry, { transaction }) => {
    const movement = transaction && tokenMovement(rulesOf(entry, transaction.chainId), transaction);
    return movement && check(movement);
  };
}

/** Several rules ask about the same call: it is decoded once. */
const matches = new WeakMap<UnsignedTransaction, { rules: ChainRules; match: CallMatch }>();

/** Undefined where calls are not limited, or nothing is called. */
function matchOf(rules: ChainRules | undefined, transaction: UnsignedTransaction): CallMatch | undefined {
  const { to, data } = transaction;
  if (rules === undefined || (rules.calls ?? rules.tokens) === undefined || to === null || data === '0x') {
    return undefined;
  }
  const known = matches.get(transaction);
  if (known?.rules === rules) return known.match;
  const match = findMatch(rules, to, data);
  matches.set(transaction, { rules, match });
  return match;
}

function findMatch(rules: ChainRules, to: string, data: string): CallMatch {
  const token = rules.tokens?.find((candidate) => candidate.token === to);
  const moved = TOKEN_FUNCTIONS.find(({ called }) => data.startsWith(called.selector));
  if (token !== undefined && moved !== undefined) {
    const { signature } = moved.called;
    if (!token.functions.includes(moved.name)) return none(`${signature} may not be called at token ${to}`);
    const values = decodeCall(moved.called, data);
    const [recipient, amount] = [values?.[moved.recipient], values?.[moved.amount]];
    return typeof recipient === 'string' && typeof amount === 'bigint'
      ? { kind: 'token', movement: { rule: token, signature, recipient, amount } }
      : none(`the data is not the exact encoding of ${signature}`);
  }
  const named = (rules.calls ?? []).filter(
    (rule) => isAmong(rule.to, to) && data.startsWith(rule.function.selector),
  );
  const [first] = named;
  if (first === undefined) return none(`no rule allows the call of ${data.slice(0, 10)} at ${to}`);
  const decoded = named.flatMap((rule) => {
    const values = decodeCall(rule.function, data);
    return values === undefined ? [] : [{ rule, values }];
  });
  const { signature } = first.function;
  return decoded.length === 0
    ? none(`the data is not the exact encoding of ${signature}`)
    : { kind: 'call', signature, rules: decoded };
}

function brokenArgument({ rule, values }: DecodedCall): string | undefined {
  for (const [place, { name }] of rule.function.parameters.entries()) {
    const limit = Object.hasOwn(rule.arguments, name) ? rule.arguments[name] : undefined;
    const value = values[place];
    const problem = limit && value !== undefined ? brokenLimit(limit, value) : undefined;
    if (problem !== undefined) return `${name}: ${problem}`;
  }
  return undefined;
}

function none(reason: string): CallMatch {
  return { kind: 'none', reason };
}

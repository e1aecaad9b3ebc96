import { operatorEntry, type PublicIdentity } from './identity';

/** Whom a new policy names. */
export interface PolicyParties {
  operators: readonly PublicIdentity[];
  clients: readonly PublicIdentity[];
  submitters: readonly PublicIdentity[];
}

/** A chain for development (anvil, hardhat): what is on it is worth nothing. */
export const DEVELOPMENT_CHAIN = '31337';

/** The address that nobody has: a list of destinations needs one entry. */
const NOWHERE = '0x0000000000000000000000000000000000000000';

/** Cancelling transactions of a submitter: up to 1000 gwei of gas price. */
const CANCEL = { maxFeePerGas: '1000000000000', gasLimit: '21000', perHour: 600 };

/**
 * The policy (docs/policy.md) that a node begins with; its operator edits it.
 * - open: clients may do everything but sign raw digests, on this chain.
 * - closed: they may pay nobody until destinations are named, and sign neither messages nor typed data.
 * @param chainId decimal
 * @param rights default: open on a chain for development, closed on any other
 */
export function policyTemplate(
  { operators, clients, submitters }: PolicyParties,
  chainId: string,
  rights: 'open' | 'closed' = chainId === DEVELOPMENT_CHAIN ? 'open' : 'closed',
) {
  const granted = rights === 'open' ? everythingOn(chainId) : nothingYetOn(chainId);
  return {
    version: 1,
    operators: { required: 1, keys: operators.map(operatorEntry) },
    requesters: [
      ...clients.map(({ kid, publicKey }) => ({ kid, role: 'client', publicKey, ...granted })),
      ...submitters.map(({ kid, publicKey }) => ({ kid, role: 'submitter', publicKey, cancel: CANCEL })),
    ],
  };
}

function everythingOn(chainId: string) {
  return {
    keys: ['*'],
    paths: ['*'],
    payloadKinds: ['evm-transaction', 'eip191', 'eip712', 'bytes', 'evm-intent'],
    chains: [chainId],
    rawDigests: false,
    transactions: { [chainId]: { contractCreation: true } },
  };
}

function nothingYetOn(chainId: string) {
  return {
    comment: 'nobody can be paid until "destinations" names them; docs/policy.md has all rules',
    keys: ['*'],
    paths: ['*'],
    payloadKinds: ['evm-transaction', 'evm-intent'],
    chains: [chainId],
    rawDigests: false,
    transactions: { [chainId]: { destinations: [NOWHERE], value: { perTransaction: '0' }, calls: [] } },
  };
}

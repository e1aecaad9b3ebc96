import { generateKeyPairSync } from 'node:crypto';
import { identityJwk } from '@quorate/platform';
import { readPolicy } from '@quorate/policy';
import { policyTemplate } from './policy-template';

const party = (kid: string) => ({ kid, publicKey: identityJwk(generateKeyPairSync('ed25519').privateKey) });
const parties = {
  operators: [party('operator')],
  clients: [party('shop')],
  submitters: [party('submitter')],
};

function templateOf(chainId: string) {
  const policy = readPolicy(JSON.stringify(policyTemplate(parties, chainId)), 'policy.json');
  return policy.requesters.get('shop')?.entry;
}

describe('the policy that a node begins with', () => {
  it('lets clients do everything but sign raw digests on a chain for development', () => {
    expect(templateOf('31337')).toMatchObject({
      payloadKinds: ['evm-transaction', 'eip191', 'eip712', 'bytes', 'evm-intent'],
      rawDigests: false,
      transactions: { 31337: { contractCreation: true, destinations: ['*'] } },
    });
  });

  it('lets nobody be paid on any other chain, nor anything else be signed', () => {
    expect(templateOf('1')).toMatchObject({
      chains: ['1'],
      payloadKinds: ['evm-transaction', 'evm-intent'],
      rawDigests: false,
      transactions: {
        1: {
          destinations: ['0x0000000000000000000000000000000000000000'],
          contractCreation: false,
          value: { perTransaction: '0' },
        },
      },
    });
  });
});

import { type QuorateClient } from '@quorate/client';

/** Pays from the address of a key on the local chain, and waits until the chain has confirmed it. @param value wei */
export async function pay(client: QuorateClient, keyId: string, to: string, value: string) {
  const fees = { maxFeePerGas: '100000000000', maxCost: '1000000000000000000' }; // ceilings, in wei
  const intent = await client.send({ keyId, chainId: '31337', to, value, ...fees });
  const { data: outcome } = await client.awaitOutcome(intent, 'confirmed');
  return outcome;
}

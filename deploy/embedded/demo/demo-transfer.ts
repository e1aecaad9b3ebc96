import { setTimeout as delay } from 'node:timers/promises';
import { AuditClient, type AuditEvent, clientOptions, QuorateClient } from '@quorate/client';
import { callChain } from '../parts/chain';
import { type StackDescription } from '../stack/stack-description';
import { StartFailure } from '../terminal/start-failure';

/** The second development account of anvil: somebody to pay. */
const RECIPIENT = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const VALUE_WEI = '1000000000000000';
const MAX_FEE_WEI = '100000000000';
const GAS_LIMIT = '21000';
const CONFIRM_TIMEOUT_MS = 120_000;
const STORY_TIMEOUT_MS = 30_000;

/** A confirmed transfer, with what the chain and the audit log know of it. */
export interface DemoTransfer {
  intentId: string;
  hash: string;
  block: number;
  signature: { r: string; s: string; yParity: string };
  story: AuditEvent[];
}

/**
 * Sends a signed intent for 0.001 ether from the key's address and waits until it is confirmed and audited.
 * @throws StartFailure with the submitter's reason when it was not confirmed
 */
export async function demoTransfer(stack: StackDescription): Promise<DemoTransfer> {
  const client = await QuorateClient.connect(clientOptions(stack));
  try {
    const intent = await client.send({
      keyId: stack.key.keyId,
      chainId: stack.chain.chainId,
      to: RECIPIENT,
      value: VALUE_WEI,
      gasLimit: GAS_LIMIT,
      maxFeePerGas: MAX_FEE_WEI,
      maxCost: String(BigInt(VALUE_WEI) + BigInt(GAS_LIMIT) * BigInt(MAX_FEE_WEI)),
      confirmations: 1,
    });
    const { data } = await client.awaitOutcome(intent, 'confirmed', { timeoutMs: CONFIRM_TIMEOUT_MS });
    if (data.type !== 'quorate.tx.confirmed.v1' || !data.hash) {
      throw new StartFailure('transfer', `the transaction was not confirmed: ${JSON.stringify(data)}`);
    }
    return {
      intentId: intent.id,
      hash: data.hash,
      ...(await transactionOnChain(stack.chain.rpcUrl, data.hash)),
      story: await completeStory(stack, intent.id),
    };
  } finally {
    await client.close();
  }
}

async function transactionOnChain(rpcUrl: string, hash: string) {
  const transaction = (await callChain(rpcUrl, 'eth_getTransactionByHash', [hash])) as {
    blockNumber: string;
    r: string;
    s: string;
    yParity: string;
  };
  const { r, s, yParity, blockNumber } = transaction;
  return { block: Number(blockNumber), signature: { r, s, yParity } };
}

/** The audit log follows the outcome by moments. */
async function completeStory(stack: StackDescription, id: string): Promise<AuditEvent[]> {
  const audit = new AuditClient(stack.audit);
  const deadline = Date.now() + STORY_TIMEOUT_MS;
  for (;;) {
    const story = await audit.story(id);
    const events = story?.events ?? [];
    if (events.some(({ type }) => type === 'quorate.tx.confirmed.v1')) return events;
    if (Date.now() > deadline) {
      throw new StartFailure(
        'story',
        `the audit log does not tell of the confirmation (${events.length} events)`,
      );
    }
    await delay(100);
  }
}

import { randomBytes, randomUUID } from 'node:crypto';
import { Transaction } from 'ethers';
import { type Random } from '../random';

/** What must become of a record that a client sends. */
export type Expectation =
  /** Signed: or, of two records under one id, one of them is. */
  'completed' | 'conflict' | 'expired' | 'invalid' | 'policy' | 'unknown-key' | 'dead-letter';

/** One sign request to be sent: its exact bytes, when, and what must come of it. */
export interface PlannedRequest {
  readonly id: string;
  readonly value: Buffer;
  /** Milliseconds after the beginning of the run; more than one: the same bytes again. */
  readonly sentAt: readonly number[];
  readonly expected: Expectation;
  /** Signed by somebody else's key. */
  readonly forged: boolean;
}

export interface PlannedIntent {
  readonly id: string;
  readonly value: Buffer;
  readonly sentAt: readonly number[];
  readonly to: string;
  readonly wei: bigint;
}

export interface Workload {
  readonly requests: PlannedRequest[];
  readonly intents: readonly PlannedIntent[];
}

export interface WorkloadOptions {
  readonly requester: string;
  readonly keyId: string;
  readonly chainId: string;
  readonly requests: number;
  readonly intents: number;
  /** Over how many milliseconds sending is spread. */
  readonly spreadMs: number;
}

/** How long a request or intent may be signed. */
export const LIFETIME_MS = 10 * 60_000;
const LARGE_BYTES = 200 * 1024;

/** Draws what clients send in one run: mostly good requests, some sent twice, and a few of every bad kind. */
export function drawWorkload(random: Random, options: WorkloadOptions): Workload {
  const requests = Array.from({ length: options.requests }, () => drawRequests(random, options)).flat();
  const intents = Array.from({ length: options.intents }, () => drawIntent(random, options));
  return { requests, intents };
}

/** One that is sent at once and can be signed. */
export function drawGoodRequest(random: Random, options: WorkloadOptions): PlannedRequest {
  const content = body(random, options, payload(random, options.chainId));
  const value = Buffer.from(JSON.stringify(content));
  return { id: content.requestId, value, sentAt: [0], expected: 'completed', forged: false };
}

function drawRequests(random: Random, options: WorkloadOptions): PlannedRequest[] {
  const at = random.below(options.spreadMs);
  const again = random.oneIn(6) ? [at + random.below(2000)] : [];
  const good = body(random, options, payload(random, options.chainId));
  const planned = (
    content: typeof good,
    expected: Expectation,
    changes: Partial<PlannedRequest> = {},
  ): PlannedRequest => ({
    id: content.requestId,
    value: Buffer.from(JSON.stringify(content)),
    sentAt: [at, ...again],
    expected,
    forged: false,
    ...changes,
  });
  switch (random.below(24)) {
    case 0: {
      const other = { ...body(random, options, payload(random, options.chainId)), requestId: good.requestId };
      return [planned(good, 'completed'), planned(other, 'conflict', { sentAt: [at + random.below(500)] })];
    }
    case 1:
      return [planned({ ...good, expiresAt: new Date(Date.now() - 60_000).toISOString() }, 'expired')];
    case 2:
      return [planned({ ...good, payload: { kind: 'eip191', message: 'not hex' } }, 'invalid')];
    case 3:
      return [planned({ ...good, payload: { kind: 'digest', digest: hex(32) } }, 'policy')];
    case 4:
      return [planned({ ...good, keyId: 'k_none' }, 'unknown-key')];
    case 5:
      return [planned(good, 'dead-letter', { forged: true })];
    case 6:
      return [planned({ ...good, payload: { kind: 'eip191', message: hex(LARGE_BYTES) } }, 'dead-letter')];
    default:
      return [planned(good, 'completed')];
  }
}

function body(random: Random, { requester, keyId }: WorkloadOptions, content: object) {
  return {
    requestId: `chaos-${randomUUID()}`,
    requester,
    keyId,
    path: `m/7/${random.below(1_000_000)}`,
    payload: content,
    nonce: hex(32),
    expiresAt: new Date(Date.now() + LIFETIME_MS).toISOString(),
  };
}

function payload(random: Random, chainId: string): object {
  switch (random.below(3)) {
    case 0:
      return { kind: 'eip191', message: hex(random.between(1, 200)) };
    case 1:
      return {
        kind: 'eip712',
        typedData: {
          types: { Order: [{ name: 'id', type: 'uint256' }] },
          primaryType: 'Order',
          domain: { name: 'chaos', chainId: Number(chainId) },
          message: { id: String(random.below(1_000_000)) },
        },
      };
    default: {
      const transaction = Transaction.from({
        type: 2,
        chainId: BigInt(chainId),
        nonce: random.below(1000),
        to: hex(20),
        value: BigInt(random.below(1_000_000)),
        gasLimit: 21_000n,
        maxFeePerGas: 10n ** 9n,
        maxPriorityFeePerGas: 1n,
      });
      return { kind: 'evm-transaction', unsigned: transaction.unsignedSerialized };
    }
  }
}

function drawIntent(random: Random, { requester, keyId, chainId, spreadMs }: WorkloadOptions): PlannedIntent {
  const at = random.below(spreadMs);
  const id = `chaos-${randomUUID()}`;
  const to = hex(20);
  const wei = BigInt(random.between(1, 1_000_000));
  const content = {
    intentId: id,
    requester,
    keyId,
    chainId,
    to,
    value: String(wei),
    data: '0x',
    gasLimit: '21000',
    maxFeePerGas: '100000000000',
    maxCost: '5000000000000000',
    confirmations: 1,
    expiresAt: new Date(Date.now() + LIFETIME_MS).toISOString(),
  };
  const again = random.oneIn(2) ? [at + random.below(2000)] : [];
  return { id, value: Buffer.from(JSON.stringify(content)), sentAt: [at, ...again], to, wei };
}

function hex(bytes: number): string {
  return `0x${randomBytes(bytes).toString('hex')}`;
}

/** What clients ask for in a run: drawn from its seed. */
import { LOCAL_CHAIN_ID } from '../../../../deploy/embedded/parts/chain';
import { type TxIntentInput } from '@quorate/protocol';
import { type Random } from '../../random';
import { REQUESTER } from '../bench/submitter-bench';

const LIFETIME_MS = 600_000;
const GWEI = 1_000_000_000n;
/** Above every spike of the base fee, and below: then it has to wait. */
const GENEROUS_FEE = 1000n * GWEI;
const TIGHT_FEE = 5n * GWEI;
/** A contract at this address reverts whatever is asked of it. */
export const REVERTING_CONTRACT = `0x${'ab'.repeat(20)}`;

/** What an intent is, and so how it may end. */
export type IntentKind = 'payment' | 'reverting' | 'expired' | 'elsewhere';

export interface PlannedIntent {
  readonly id: string;
  readonly kind: IntentKind;
  /** Of its account; its place among the lanes of the run. */
  readonly lane: number;
  readonly content: TxIntentInput;
  /** When it is sent, in milliseconds after the beginning; each time the same bytes. */
  readonly sentAt: readonly number[];
  /** When its client sends an amendment, in milliseconds after the beginning. */
  readonly amended: readonly {
    readonly at: number;
    readonly change: { cancel: true } | { maxFeePerGas: string };
  }[];
}

export interface Lane {
  readonly path: string;
  /** Checksummed. */
  readonly address: string;
}

export interface PlanOptions {
  readonly keyId: string;
  readonly lanes: readonly Lane[];
  readonly intents: number;
  /** Milliseconds over which they are sent. */
  readonly spreadMs: number;
  /** The beginning of every name. */
  readonly prefix: string;
}

export function drawIntents(random: Random, options: PlanOptions): PlannedIntent[] {
  return Array.from({ length: options.intents }, (_, n) => drawIntent(random, options, n));
}

function drawIntent(
  random: Random,
  { keyId, lanes, spreadMs, prefix }: PlanOptions,
  n: number,
): PlannedIntent {
  const kind = drawKind(random);
  const lane = random.below(lanes.length);
  const id = `${prefix}-${n}`;
  const sentAt = [random.below(spreadMs)];
  const first = sentAt[0] ?? 0;
  if (random.oneIn(20)) sentAt.push(first + random.below(spreadMs));
  const content = {
    ...{ intentId: id, requester: REQUESTER, keyId, path: lanes[lane]?.path ?? '', data: '0x' },
    chainId: kind === 'elsewhere' ? '1' : LOCAL_CHAIN_ID,
    to: kind === 'reverting' ? REVERTING_CONTRACT : drawAddress(random),
    // Different from that of every other intent of the run.
    value: String(1_000_000 + n),
    ...(kind === 'reverting' ? { gasLimit: '60000' } : {}),
    maxFeePerGas: String(random.oneIn(8) ? TIGHT_FEE : GENEROUS_FEE),
    maxCost: '1000000000000000000',
    confirmations: random.between(1, 3),
    expiresAt: new Date(Date.now() + (kind === 'expired' ? -1000 : LIFETIME_MS)).toISOString(),
  };
  return { id, kind, lane, content, sentAt, amended: drawAmendments(random, first, spreadMs) };
}

function drawKind(random: Random): IntentKind {
  const dice = random.below(100);
  if (dice < 2) return 'reverting';
  if (dice < 3) return 'expired';
  return dice < 4 ? 'elsewhere' : 'payment';
}

function drawAmendments(random: Random, sentAt: number, spreadMs: number): PlannedIntent['amended'] {
  const at = sentAt + 100 + random.below(spreadMs);
  const dice = random.below(40);
  if (dice === 0) return [{ at, change: { cancel: true } }];
  if (dice === 1) return [{ at, change: { maxFeePerGas: String(2n * GENEROUS_FEE) } }];
  return [];
}

function drawAddress(random: Random): string {
  const bytes = Array.from({ length: 20 }, () => random.below(256).toString(16).padStart(2, '0'));
  return `0x${bytes.join('')}`;
}

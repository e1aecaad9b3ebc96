import { Metrics } from '@quorate/platform';

import { type IntentEvent } from '../intent/events';
import { type ActiveIntent } from '../intent/intent';
import { IntentMetrics } from './intent-metrics';
import { LaneLabels } from './lane-labels';

const active: ActiveIntent = {
  ...{ stage: 'active', from: '0xaa', nonce: '1', requests: [], mayBeSigned: false },
  facts: {
    ...{ intentHash: '0x', keyId: 'k', chainId: '31337', confirmations: 1, expiresAt: 0, amendments: [] },
  },
  attempts: [0, 1].map(() => ({
    ...{ kind: 'payload' as const, maxFeePerGas: '1', maxPriorityFeePerGas: '1', digest: '0x' },
  })),
};
const block = { number: '7', hash: '0xb' };

describe('metrics of intents', () => {
  let now: number;
  let metrics: Metrics;
  let observer: IntentMetrics;
  let effects: (() => void)[];

  beforeEach(() => {
    now = 10_000;
    metrics = new Metrics('test');
    observer = new IntentMetrics(metrics, () => now);
    effects = [];
  });

  /** Tells of events, and commits unless told otherwise. */
  function decided(events: IntentEvent[], commits = true): void {
    const tx = { afterCommit: (effect: () => void) => void effects.push(effect) };
    const identity = { requester: 'alice', intentId: 'i' };
    const receivedAt = new Date(8_000);
    observer.decided(tx, { identity, events, before: active, after: active, receivedAt });
    const committed = effects.splice(0);
    if (commits) for (const effect of committed) effect();
  }
  async function values(name: string): Promise<Record<string, number>> {
    const metric = await metrics.registry.getSingleMetric(`quorate_${name}`)?.get();
    const entries = metric?.values.map((one): [string, number] => {
      const { metricName = '' } = one as { metricName?: string };
      return [metricName.split('_').at(-1) + JSON.stringify(one.labels), one.value];
    });
    return Object.fromEntries(entries ?? []);
  }

  it('are taken when the decision is committed, and not before', async () => {
    const reserved: IntentEvent = {
      type: 'quorate.tx.nonce-reserved.v1',
      data: { chainId: '31337', from: '0xaa', nonce: '1' },
    };
    decided([reserved], false);
    expect(await values('received_to_reserved_seconds')).not.toHaveProperty('sum{}', 2);
    decided([reserved]);
    expect(await values('received_to_reserved_seconds')).toMatchObject({ 'sum{}': 2, 'count{}': 1 });
  });

  it('time signatures, and say nothing of requests that were not made here', async () => {
    const signed = (requestId: string): IntentEvent => ({
      type: 'quorate.tx.signed.v1',
      data: { attempt: 0, requestId, hash: '0x1' },
    });
    decided([
      {
        type: 'quorate.tx.signature-requested.v1',
        data: { attempt: 0, try: 0, requestId: 'r', digest: '0x' },
      },
    ]);
    now += 300;
    decided([signed('r'), signed('of another process')]);
    expect(await values('sign_latency_seconds')).toMatchObject({ 'sum{}': 0.3, 'count{}': 1 });
  });

  it('count what was paid, why transactions were replaced and parked, and what left the chain', async () => {
    decided([
      {
        type: 'quorate.tx.included.v1',
        data: { hash: '0x1', block, status: 'success', gasUsed: '21000', effectiveGasPrice: '10' },
      },
      { type: 'quorate.tx.replaced.v1', data: { attempt: 1, kind: 'payload', reason: 'stale' } },
      { type: 'quorate.tx.parked.v1', data: { code: 'budget', reason: '' } },
      { type: 'quorate.tx.parked.v1', data: { code: 'funds', reason: '' } },
      { type: 'quorate.tx.reorged.v1', data: { hash: '0x1', block } },
      { type: 'quorate.tx.finalized.v1', data: { hash: '0x1', block, status: 'success' } },
      { type: 'quorate.tx.rejected.v1', data: { intentHash: '0x', code: 'conflict', reason: '' } },
    ]);
    expect(Object.values(await values('fee_spent_wei_total'))).toEqual([210_000]);
    expect(Object.keys(await values('fee_spent_wei_total'))[0]).toContain('31337/0xaa');
    expect(Object.keys(await values('bump_total'))[0]).toContain('stale');
    expect(Object.values(await values('fee_cap_reached_total'))).toEqual([1]);
    expect(Object.keys(await values('parked_total'))).toHaveLength(2);
    expect(Object.values(await values('reorged_tx_total'))).toEqual([1]);
    expect(Object.values(await values('duplicate_intent_total'))).toEqual([1]);
    expect(await values('attempts_per_intent')).toMatchObject({ 'sum{}': 2 });
  });
});

it('accounts beyond the first hundred share a label', () => {
  const labels = new LaneLabels();
  const named = Array.from({ length: 150 }, (_, i) => labels.of({ chainId: '1', address: String(i) }));
  expect(new Set(named).size).toBe(101);
  expect(labels.of({ chainId: '1', address: '7' })).toBe('1/7');
  expect(labels.of({ chainId: '1', address: '149' })).toBe('other');
});

import { Metrics } from '@quorate/platform';
import { nodeMetrics } from './node-metrics';
import { PresignaturePool } from './presignature-pool/presignature-pool';

describe('nodeMetrics', () => {
  it('shows what was dropped of each sender, as often as it is asked', async () => {
    const metrics = new Metrics('node-1');
    const dropped = new Map([['node-2', 3]]);
    nodeMetrics(metrics, new PresignaturePool(), { deadPairs: () => [] }, { dropped: () => dropped });
    const line = 'quorate_node_round_messages_dropped_total{sender="node-2",service="node-1"}';
    expect(await metrics.registry.metrics()).toContain(`${line} 3\n`);
    dropped.set('node-2', 4);
    expect(await metrics.registry.metrics()).toContain(`${line} 4\n`);
  });
});

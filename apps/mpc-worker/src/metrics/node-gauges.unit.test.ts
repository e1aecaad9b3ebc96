import { Metrics } from '@quorate/platform';
import { PresignaturePool } from '../presignature-pool/presignature-pool';
import { nodeGauges } from './node-gauges';

describe('nodeGauges', () => {
  it('shows what was dropped of each sender, as often as it is asked', async () => {
    const metrics = new Metrics('node-1');
    const dropped = new Map([['node-2', 3]]);
    nodeGauges(metrics, {
      pool: new PresignaturePool(),
      pairs: { deadPairs: () => [] },
      inbox: { dropped: () => dropped },
      keys: { list: () => [] },
      halts: { active: () => [] },
      links: [{ isOpen: true }, { isOpen: false }],
    });
    const line = 'quorate_node_round_messages_dropped_total{sender="node-2",service="node-1"}';
    expect(await metrics.registry.metrics()).toContain(`${line} 3\n`);
    expect(await metrics.registry.metrics()).toContain(
      'quorate_node_coordinators_connected{service="node-1"} 1\n',
    );
    dropped.set('node-2', 4);
    expect(await metrics.registry.metrics()).toContain(`${line} 4\n`);
  });
});

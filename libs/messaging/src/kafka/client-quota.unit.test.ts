import { type ClientQuota, quotaChanges, type QuotaEntity } from './client-quota';

const EVERYBODY: ClientQuota = { entity: { 'client-id': null }, limits: { producer_byte_rate: 100 } };
const NODE: ClientQuota = {
  entity: { 'client-id': 'node-1' },
  limits: { producer_byte_rate: 1000, consumer_byte_rate: 2000 },
};
const isOurs = (entity: QuotaEntity) => (entity['client-id'] ?? '').startsWith('node-');

describe('quotaChanges', () => {
  it('sets everything on a new cluster, and nothing once it is there', () => {
    const declared = { quotas: [EVERYBODY, NODE], isOurs };
    expect(quotaChanges(declared, [])).toEqual([
      { entity: EVERYBODY.entity, set: EVERYBODY.limits, remove: [] },
      { entity: NODE.entity, set: NODE.limits, remove: [] },
    ]);
    expect(quotaChanges(declared, [NODE, EVERYBODY])).toEqual([]);
  });

  it('sets only what differs, and removes a limit that is no longer declared', () => {
    const present = {
      entity: NODE.entity,
      limits: { producer_byte_rate: 1, consumer_byte_rate: 2000, request_percentage: 5 },
    };
    expect(quotaChanges({ quotas: [NODE], isOurs }, [present])).toEqual([
      { entity: NODE.entity, set: { producer_byte_rate: 1000 }, remove: ['request_percentage'] },
    ]);
  });

  it("removes ours that are no longer declared, and leaves others' alone", () => {
    const other = { entity: { 'client-id': 'analytics' }, limits: { consumer_byte_rate: 7 } };
    expect(quotaChanges({ quotas: [], isOurs }, [NODE, other])).toEqual([
      { entity: NODE.entity, set: {}, remove: ['producer_byte_rate', 'consumer_byte_rate'] },
    ]);
  });

  it('knows an entity whatever the order of its names, and tells the default from any name', () => {
    const pair = { entity: { user: 'a', 'client-id': null }, limits: { request_percentage: 1 } };
    const found = { ...pair, entity: { 'client-id': null, user: 'a' } };
    expect(quotaChanges({ quotas: [pair], isOurs }, [found])).toEqual([]);
    const named = { ...pair, entity: { 'client-id': '<default>', user: 'a' } };
    expect(quotaChanges({ quotas: [pair], isOurs }, [named])).toHaveLength(1);
  });
});

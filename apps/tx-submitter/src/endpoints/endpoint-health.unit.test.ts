import { EndpointHealth } from './endpoint-health';

describe('EndpointHealth', () => {
  let health: EndpointHealth;

  beforeEach(() => {
    health = new EndpointHealth();
    health.identified();
    health.readSucceeded();
  });

  const failReads = (times: number, from = 0) => {
    for (let n = 0; n < times; n += 1) health.readFailed('timeout', from + 1000 * n);
  };

  it('doubts an endpoint that was never asked', () => {
    expect(new EndpointHealth()).toMatchObject({ state: 'suspect', reason: 'not asked yet', trusted: false });
    expect(health).toMatchObject({ state: 'healthy', reason: '', trusted: true, needsIdentity: false });
  });

  it('goes down by failures in a row, and comes back only when its chain is known again', () => {
    failReads(2);
    expect(health).toMatchObject({ state: 'suspect', reason: 'timeout', trusted: false });
    health.readSucceeded();
    expect(health.state).toBe('healthy');
    failReads(3);
    expect(health).toMatchObject({ state: 'down', needsIdentity: true });
    health.readSucceeded();
    expect(health).toMatchObject({ state: 'suspect', answers: false });
    health.identified();
    expect(health.state).toBe('healthy');
  });

  it('takes calls that fail together for one failure', () => {
    for (let n = 0; n < 100; n += 1) health.readFailed('timeout', n);
    expect(health.state).toBe('suspect');
  });

  it('is left alone for longer and longer, up to half a minute', () => {
    const pauses = [3, 4, 5, 20].map((times) => {
      health.readSucceeded();
      failReads(times);
      return health.retryAt - 1000 * (times - 1);
    });
    expect(pauses).toEqual([500, 1000, 2000, 30_000]);
  });

  it('stays usable for reads while only sends fail', () => {
    for (const now of [0, 1000, 2000, 3000]) health.sendFailed('timeout', now);
    expect(health).toMatchObject({ state: 'suspect', trusted: true });
    health.sendSucceeded();
    expect(health.state).toBe('healthy');
  });

  it('never uses another chain, however well it answers', () => {
    health.misidentified('it serves chain 1', 0);
    health.readSucceeded();
    health.judgeHead(undefined);
    expect(health).toMatchObject({ state: 'wrong-chain', reason: 'it serves chain 1', trusted: false });
    health.identified();
    expect(health.state).toBe('healthy');
  });

  it('doubts an odd head', () => {
    health.judgeHead('it is stuck');
    expect(health).toMatchObject({ state: 'suspect', reason: 'it is stuck', trusted: false, answers: true });
    health.judgeHead(undefined);
    expect(health.state).toBe('healthy');
  });

  it('judges an endpoint that is only sent to by its sends', () => {
    const relay = new EndpointHealth(true);
    relay.identified();
    for (const now of [0, 1000, 2000]) relay.sendFailed('timeout', now);
    expect(relay).toMatchObject({ state: 'down', retryAt: 2500 });
  });
});

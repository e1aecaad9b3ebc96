import { PassThrough } from 'node:stream';
import { HealthRegistry } from '../health/health-registry';
import { createLogger } from '../logging/logger';
import { exitWithParent } from './exit-with-parent';
import { ProcessShutdown } from './process-shutdown';

const logger = createLogger('test', 'silent');

function shutdownWith(close: () => Promise<void>) {
  const health = new HealthRegistry();
  const codes: number[] = [];
  const shutdown = new ProcessShutdown(health, logger, (code) => void codes.push(code));
  shutdown.onClose(close);
  return { shutdown, health, codes };
}

describe('ProcessShutdown', () => {
  afterEach(() => jest.useRealTimers());

  it('is not ready before it closes, closes once, exits 0', async () => {
    let closed = 0;
    const { shutdown, health, codes } = shutdownWith(async () => {
      closed += 1;
      expect(health.ready()).toBe(false);
    });
    health.set('process', true);
    await Promise.all([shutdown.stop('SIGTERM', 0), shutdown.stop('SIGINT', 0)]);
    expect(closed).toBe(1);
    expect(codes).toEqual([0]);
  });

  it('exits 1 after a fatal error', async () => {
    const { shutdown, codes } = shutdownWith(() => Promise.resolve());
    await shutdown.fail(new Error('the consumer stopped'));
    expect(codes).toEqual([1]);
  });

  it('exits 1 when closing takes longer than 10 s', () => {
    jest.useFakeTimers();
    const { shutdown, codes } = shutdownWith(() => new Promise(() => undefined));
    void shutdown.stop('SIGTERM', 0);
    jest.advanceTimersByTime(9_999);
    expect(codes).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(codes).toEqual([1]);
  });
});

describe('exitWithParent', () => {
  it('reports once that the pipe of the parent has closed', async () => {
    const stdin = new PassThrough();
    let calls = 0;
    exitWithParent(() => (calls += 1), { QUORATE_PARENT_WATCH: '1' }, stdin);
    stdin.destroy();
    await new Promise((resolve) => stdin.once('close', resolve));
    expect(calls).toBe(1);
  });

  it('does nothing when nobody asked for it', () => {
    const stdin = new PassThrough();
    exitWithParent(() => expect(true).toBe(false), {}, stdin);
    stdin.end();
    expect(stdin.listenerCount('close')).toBe(0);
  });
});

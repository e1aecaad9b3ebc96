import { inspect } from 'node:util';
import { Unavailable } from '../errors/errors';
import { Secret } from '../secret/secret';
import { createLogger } from './logger';
import { NestLogger } from './nest-logger';

function capture() {
  const lines: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>),
  };
  return { logger: createLogger('node-1', 'debug', destination), lines };
}

describe('createLogger', () => {
  it('writes one JSON object a line with service, level and time', () => {
    const { logger, lines } = capture();
    logger.info({ offset: 7 }, 'stored');
    expect(lines).toEqual([
      expect.objectContaining({ level: 'info', service: 'node-1', offset: 7, msg: 'stored' }),
    ]);
    expect(Date.parse(String(lines[0]?.['time']))).not.toBeNaN();
  });

  it('redacts what looks like a secret, also in nested objects', () => {
    const { logger, lines } = capture();
    logger.info({ password: 'a1b2', sasl: { password: 'a1b2' }, kafka: { sasl: { password: 'a1b2' } } }, 'x');
    expect(JSON.stringify(lines)).not.toContain('a1b2');
  });

  it('names the request or intent of a line as events do', () => {
    const { logger, lines } = capture();
    logger.info({ requestId: 'order-1' }, 'x');
    logger.info({ requestId: 'order-1', intentId: 'payout-1' }, 'x');
    logger.info({ requestId: 'order-1', correlationId: 'payout-2' }, 'x');
    logger.info({ keyId: 'k' }, 'x');
    expect(lines.map(({ correlationId }) => correlationId)).toEqual([
      'order-1',
      'payout-1',
      'payout-2',
      undefined,
    ]);
  });

  it('logs code and cause of an error, and no fields that a driver put there', () => {
    const { logger, lines } = capture();
    const cause = Object.assign(new Error('connect ECONNREFUSED'), { parameters: ['sealed-share'] });
    logger.error({ err: new Unavailable('database', 'Postgres is away', { cause }) }, 'x');
    expect(lines[0]).toMatchObject({
      err: { kind: 'unavailable', code: 'database', cause: { message: 'connect ECONNREFUSED' } },
    });
    expect(JSON.stringify(lines)).not.toContain('sealed-share');
  });

  it("keeps Nest's messages with their context", () => {
    const { logger, lines } = capture();
    new NestLogger(logger).error('broken', 'Error: broken\n    at here', 'InstanceLoader');
    expect(lines[0]).toMatchObject({ level: 'error', context: 'InstanceLoader', msg: 'broken' });
  });
});

describe('Secret', () => {
  it('prints [secret] in every way of printing', () => {
    const secret = new Secret('a1b2');
    const printed = [JSON.stringify({ secret }), String(secret), inspect({ secret }), `${secret.toString()}`];
    for (const text of printed) {
      expect(text).toContain('[secret]');
      expect(text).not.toContain('a1b2');
    }
    expect(secret.reveal()).toBe('a1b2');
  });

  it('wipes bytes', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    new Secret(bytes).wipe();
    expect(bytes).toEqual(Uint8Array.of(0, 0, 0));
  });
});

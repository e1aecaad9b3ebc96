import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';

import { parseSecrets, webhookHeaders } from './signature';

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/webhook.test.ts */
const published = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  message: {
    ...{ id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330 },
    body: Buffer.from('{"test": 2432232314}'),
  },
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};
const secretOf = (bytes: number) => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

describe('webhookHeaders', () => {
  it('signs as the published vector of Standard Webhooks', () => {
    expect(webhookHeaders(published.message, parseSecrets(published.secret))).toEqual({
      ...{ 'webhook-id': published.message.id, 'webhook-timestamp': '1614265330' },
      'webhook-signature': published.signature,
    });
  });

  it('signs the bytes of the body, whatever they are', () => {
    const body = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
    const secret = Buffer.alloc(32, 7);
    const expected = createHmac('sha256', secret).update(Buffer.concat([Buffer.from('a.1.'), body]));
    const headers = webhookHeaders({ id: 'a', timestamp: 1, body }, parseSecrets(secretOf(32)));
    expect(headers['webhook-signature']).toBe(`v1,${expected.digest('base64')}`);
  });

  it('has a signature of every secret while they change', () => {
    const secrets = parseSecrets(`${published.secret}\n${secretOf(32)}\n`);
    const signatures = webhookHeaders(published.message, secrets)['webhook-signature']?.split(' ');
    expect(signatures).toHaveLength(2);
    expect(signatures?.[0]).toBe(published.signature);
  });
});

describe('parseSecrets', () => {
  it.each([24, 64])('takes %d bytes', (bytes) => {
    expect(parseSecrets(secretOf(bytes)).map((secret) => secret.reveal().length)).toEqual([bytes]);
  });

  it.each([
    ['too short', secretOf(23)],
    ['too long', secretOf(65)],
    ['without prefix', secretOf(32).slice(6)],
    ['not base64', 'whsec_not*base64*at*all*not*base64*at*all'],
    ['an asymmetric one', secretOf(32).replace('whsec_', 'whsk_')],
  ])('refuses one that is %s, and does not show it', (_, line) => {
    expect(() => parseSecrets(`${secretOf(32)}\n${line}`)).toThrow('line 2: expected whsec_');
    try {
      parseSecrets(line);
    } catch (error) {
      expect(inspect(error)).not.toContain(line);
    }
  });

  it('refuses an empty file', () => {
    expect(() => parseSecrets('\n\n')).toThrow('at least one secret');
  });

  it('never prints a secret', () => {
    expect(inspect(parseSecrets(published.secret))).not.toContain('MfKQ');
    expect(JSON.stringify(parseSecrets(published.secret))).toBe('["[secret]"]');
  });
});

import { checkExpiry } from './expiry';

const now = new Date('2026-12-01T12:00:00Z');

test.each([
  ['2026-12-01T12:00:00.001Z', 'live'],
  ['2026-12-02T12:00:00Z', 'live'],
  ['2026-12-02T12:00:00.001Z', 'too-far'],
  ['2026-12-01T12:00:00Z', 'expired'],
  ['1970-01-01T00:00:00Z', 'expired'],
  ['tomorrow', 'not-a-time'],
])('%s is %s', (expiresAt, verdict) => {
  expect(checkExpiry(expiresAt, now)).toBe(verdict);
});

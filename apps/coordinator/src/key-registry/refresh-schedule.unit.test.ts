import { nextRefreshAt } from './refresh-schedule';

const MADE = new Date('2026-11-21T12:00:00Z');

test('a key is refreshed when its shares have their age, up to a tenth of it earlier', () => {
  expect(nextRefreshAt(MADE, 24, 0)?.toISOString()).toBe('2026-11-22T12:00:00.000Z');
  expect(nextRefreshAt(MADE, 24, 0.5)?.toISOString()).toBe('2026-11-22T10:48:00.000Z');
});

test('an interval of 0 means never by itself', () => {
  expect(nextRefreshAt(MADE, 0, 0.5)).toBeUndefined();
});

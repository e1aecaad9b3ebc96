import { type LogRecord } from '@quorate/messaging';
import { gapEntry } from '../log-entry/read-entry';
import { assertSameSource, assertShortGap, assertSourceReaches } from './source-check';

const value = Buffer.from('{}');
const headers = { jws: Buffer.from('a..b') };
const last = { ...gapEntry(0, 41n), gap: false, value, headers };

function record(change: Partial<LogRecord> = {}): LogRecord {
  return {
    topic: 'mpc.events',
    partition: 0,
    offset: 41n,
    key: null,
    value,
    headers,
    timestamp: 0,
    ...change,
  };
}

describe('the source of the log', () => {
  it('is the same while the last record is', () => {
    expect(() => assertSameSource(last, record())).not.toThrow();
    expect(() => assertSourceReaches('mpc.events', last, 42n)).not.toThrow();
  });

  it('is the same with header names that the database holds otherwise', () => {
    const stored = { ...last, headers: { 'a\ufffd': Buffer.from('two') } };
    const received = { 'a\u0000': Buffer.from('one'), 'a\ufffd': Buffer.from('two') };
    expect(() => assertSameSource(stored, record({ headers: received }))).not.toThrow();
    expect(() => assertSameSource(stored, record({ headers: { 'a\u0000': Buffer.from('one') } }))).toThrow(
      /truncated or created anew/,
    );
  });

  it.each([
    ['other bytes', { value: Buffer.from('{ }') }],
    ['no bytes', { value: null }],
    ['another header', { headers: { jws: Buffer.from('a..c') } }],
    ['one header more', { headers: { ...headers, x: Buffer.from('') } }],
    ['another offset', { offset: 60n }],
  ])('has changed with %s', (_, change) => {
    expect(() => assertSameSource(last, record(change))).toThrow(/truncated or created anew/);
  });

  it.each([41n, 0n, undefined])('has changed when the partition ends at %s', (end) => {
    expect(() => assertSourceReaches('mpc.events', last, end)).toThrow(/holds offset 41/);
  });

  it('may skip the offsets of transaction markers, but not more', () => {
    expect(() => assertShortGap(record({ offset: 43n }), 42n)).not.toThrow();
    expect(() => assertShortGap(record({ offset: 142n }), 42n)).toThrow(/offset 42 comes next/);
    expect(() => assertShortGap(record({ offset: 1n }), 0n)).toThrow(/offset 0 comes next/);
  });
});

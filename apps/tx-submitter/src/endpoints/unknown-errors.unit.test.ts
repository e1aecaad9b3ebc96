import { fingerprintOf } from '@quorate/evm';
import { createLogger, Metrics } from '@quorate/platform';
import { Writable } from 'node:stream';

import { UnknownErrors } from './unknown-errors';

describe('UnknownErrors', () => {
  it('counts each text, logs it once, and gives only so many a label', async () => {
    const lines: string[] = [];
    const sink = new Writable({ write: (line: Buffer, _, done) => done(void lines.push(line.toString())) });
    const metrics = new Metrics('test');
    const counter = metrics.counter({
      ...{ name: 'unknown_error_total', help: 'x' },
      labelNames: ['fingerprint'] as const,
    });
    const unknown = new UnknownErrors(counter, createLogger('test', 'info', sink));
    const letters = 'abcdefghijklmnopqrstuvwxyz';
    const texts = Array.from({ length: 60 }, (_, n) => `error ${letters[n % 26]}${letters[n % 7]}`);
    for (const text of [...texts, ...texts]) unknown.note('rpc', fingerprintOf(text));
    const { values } = await counter.get();
    expect(values).toHaveLength(51);
    expect(values.reduce((sum, { value }) => sum + value, 0)).toBe(120);
    expect(values.find(({ labels }) => labels.fingerprint === 'other')?.value).toBe(20);
    expect(lines).toHaveLength(50);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ endpoint: 'rpc', text: 'error aa', level: 'warn' });
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandFailure } from '../exit-code';
import { payloadOf } from './payload';

describe('payloadOf', () => {
  it('follows from what is given', () => {
    expect(payloadOf({ message: 'hé' })).toEqual({ kind: 'eip191', message: '0x68c3a9' });
    expect(payloadOf({ messageHex: '0x00' })).toEqual({ kind: 'eip191', message: '0x00' });
    expect(payloadOf({ unsigned: '0x02' })).toEqual({ kind: 'evm-transaction', unsigned: '0x02' });
    expect(payloadOf({ digest: '0x01', kind: 'digest' })).toEqual({ kind: 'digest', digest: '0x01' });
    expect(payloadOf({ message: 'a', kind: 'bytes' })).toEqual({ kind: 'bytes', message: '0x61' });
  });

  it('reads typed data from a file, and says what is wrong with it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quorate-cli-'));
    const file = join(folder, 'typed.json');
    try {
      const typedData = { types: { A: [] }, primaryType: 'A', domain: {}, message: {} };
      writeFileSync(file, JSON.stringify(typedData));
      expect(payloadOf({ typedData: file })).toEqual({ kind: 'eip712', typedData });
      writeFileSync(file, '{"types":{}}');
      expect(() => payloadOf({ typedData: file })).toThrow(/typed\.json: .*primaryType/);
      writeFileSync(file, '{');
      expect(() => payloadOf({ typedData: file })).toThrow('cannot be read as JSON');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['nothing', {}],
    ['two things', { message: 'a', digest: '0x00' }],
    ['a kind that does not fit', { message: 'a', kind: 'digest' }],
  ])('refuses %s as wrong usage', (_, options) => {
    expect(() => payloadOf(options)).toThrow(CommandFailure);
  });
});

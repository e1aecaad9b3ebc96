import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ShareSeal } from './seal';

describe('ShareSeal', () => {
  const folder = mkdtempSync(join(tmpdir(), 'quorate-seal-'));
  const keyHex = randomBytes(32).toString('hex');
  const file = join(folder, 'seal.key');
  writeFileSync(file, `${keyHex}\n`);
  const seal = ShareSeal.fromFile(file);
  const share = Buffer.from('a share');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('opens what it sealed, and never seals twice to the same bytes', () => {
    const [first, second] = [seal.seal(share, 'node-1:k_1:0'), seal.seal(share, 'node-1:k_1:0')];
    expect(seal.open(first, 'node-1:k_1:0')).toEqual(share);
    expect(first.equals(second)).toBe(false);
    expect(first.includes(share)).toBe(false);
  });

  it.each([
    ['another node', 'node-2:k_1:0'],
    ['another key', 'node-1:k_2:0'],
    ['another epoch', 'node-1:k_1:1'],
  ])('does not open as the share of %s', (_name, context) => {
    expect(() => seal.open(seal.seal(share, 'node-1:k_1:0'), context)).toThrow(/does not open/);
  });

  it('does not open altered or truncated bytes', () => {
    const sealed = seal.seal(share, 'c');
    for (let at = 0; at < sealed.length; at++) {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
      expect(() => seal.open(altered, 'c')).toThrow(/sealed share/);
      expect(() => seal.open(sealed.subarray(0, at), 'c')).toThrow(/sealed share/);
    }
  });

  it('refuses a key file that is not 32 bytes in hex, without showing it', () => {
    writeFileSync(join(folder, 'short.key'), keyHex.slice(2));
    expect(() => ShareSeal.fromFile(join(folder, 'short.key'))).toThrow(/64 hex digits/);
    expect(() => ShareSeal.fromFile(join(folder, 'none.key'))).toThrow(/cannot be read/);
    expect(inspect(seal, { depth: 5, showHidden: true })).not.toContain(keyHex);
  });
});

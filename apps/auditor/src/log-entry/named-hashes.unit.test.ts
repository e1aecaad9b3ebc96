import { type LogEntry } from './log-entry';
import { namedHashes } from './named-hashes';
import { gapEntry } from './read-entry';

const HASH = `0x${'ab'.repeat(32)}`;
const ADDRESS = `0x${'Cd'.repeat(20)}`;

const namedIn = (data: object, entry: Partial<LogEntry> = {}) =>
  namedHashes({
    ...gapEntry(0, 0n),
    ...{ verified: true, type: 'quorate.tx.signed.v1', value: Buffer.from(JSON.stringify(data)) },
    ...entry,
  }).map((bytes) => `0x${bytes.toString('hex')}`);

describe('what an entry names', () => {
  it('is found wherever it stands, once, in lowercase', () => {
    const data = { hash: HASH, list: [HASH, ADDRESS], nested: { from: ADDRESS.toLowerCase() } };
    expect(namedIn(data)).toEqual([HASH, ADDRESS.toLowerCase()]);
  });

  it('is no other bytes, no text around them, and not half a signature', () => {
    const short = { other: '0x1234', text: `to ${HASH}`, odd: `${HASH}a`, long: `0x${'ab'.repeat(101)}` };
    expect(namedIn({ ...short, signature: { r: HASH, s: HASH } })).toEqual([]);
  });

  it('counts only in verified events that name it best', () => {
    expect(namedIn({ hash: HASH }, { verified: false })).toEqual([]);
    expect(namedIn({ hash: HASH }, { type: 'quorate.tx.confirmed.v1' })).toEqual([]);
    expect(namedIn({ hash: HASH }, { value: null })).toEqual([]);
  });
});

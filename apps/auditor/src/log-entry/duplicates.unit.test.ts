import { markDuplicates } from './duplicates';
import { type LogEntry } from './log-entry';
import { gapEntry } from './read-entry';

function entry(index: bigint, eventId: string | null, change: Partial<LogEntry> = {}): LogEntry {
  return { ...gapEntry(0, index), eventId, source: '/node/node-1', verified: true, ...change };
}

function marks(entries: LogEntry[], known: Parameters<typeof markDuplicates>[1] = []): (bigint | null)[] {
  return markDuplicates(entries, known).map(({ duplicateOf }) => duplicateOf);
}

const seen = { eventId: 'a', source: '/node/node-1', index: 3n };

describe('markDuplicates', () => {
  it('points every repetition at the first one, in the batch or before it', () => {
    expect(marks([entry(10n, 'a'), entry(11n, 'b'), entry(12n, 'a'), entry(13n, 'a')])).toEqual([
      null,
      null,
      10n,
      10n,
    ]);
    expect(marks([entry(10n, 'a')], [{ ...seen, verified: true }])).toEqual([3n]);
  });

  it('does not devalue a verified event that an unverified record came before', () => {
    expect(marks([entry(10n, 'a', { verified: false }), entry(11n, 'a')])).toEqual([null, null]);
    expect(marks([entry(10n, 'a')], [{ ...seen, verified: false }])).toEqual([null]);
  });

  it('marks unverified copies of a verified event and of each other', () => {
    const forged = { verified: false };
    expect(marks([entry(10n, 'a'), entry(11n, 'a', forged)])).toEqual([null, 10n]);
    expect(marks([entry(10n, 'a', forged), entry(11n, 'a', forged)])).toEqual([null, 10n]);
  });

  it('takes the same id from another service for another event', () => {
    expect(marks([entry(10n, 'a'), entry(11n, 'a', { source: '/node/node-2' })])).toEqual([null, null]);
  });

  it('does not compare entries without an id', () => {
    expect(marks([entry(10n, null), entry(11n, null)])).toEqual([null, null]);
  });
});

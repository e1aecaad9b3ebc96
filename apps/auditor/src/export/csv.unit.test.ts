import { type EventView } from '../query/event-view';
import { CSV_HEADER, csvLine } from './csv';

const event: EventView = {
  ...{ log: 0, index: 7, type: 'quorate.sign.rejected.v1', source: '/coordinator/coordinator-1' },
  ...{ time: '2026-12-01T12:00:00Z', verified: true, jws: 'a..b' },
  data: { eventId: 'e', streamPosition: 2, reason: 'say "no", please' },
};

describe('CSV export (RFC 4180)', () => {
  it('quotes what holds quotes or commas, and ends lines with CRLF', () => {
    const line = csvLine(event);
    expect(line.endsWith(',a..b\r\n')).toBe(true);
    expect(line).toContain(
      '"{""eventId"":""e"",""streamPosition"":2,""reason"":""say \\""no\\"", please""}"',
    );
  });

  it.each(['=1+1', '+1', '-1', '@sum', '\t=1'])('lets no spreadsheet run %j', (text) => {
    const line = csvLine({
      ...event,
      source: text,
      jws: text,
      data: { requestId: text, streamPosition: -1 },
    });
    const fields = line.split(',');
    expect(fields[3]).toBe(`'${text}`);
    expect(fields.filter((field) => field.startsWith(text[0] ?? ''))).toEqual(text === '-1' ? ['-1'] : []);
  });

  it('has as many fields as the header in every line', () => {
    const unquoted = csvLine({ ...event, data: null, jws: null, reason: 'no-jws' });
    expect(unquoted.split(',')).toHaveLength(CSV_HEADER.split(',').length);
  });
});

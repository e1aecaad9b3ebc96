import { type LogRecord } from '@quorate/messaging';

import { canBeFor } from './own-answers';

const record = (value: string | null): LogRecord => ({
  topic: 'mpc.finals',
  partition: 0,
  offset: 0n,
  key: null,
  value: value === null ? null : Buffer.from(value),
  headers: {},
  timestamp: 0,
});

describe('canBeFor', () => {
  it.each([
    ['{"type":"t","requester":"submitter-1"}', true],
    ['{ "requester" : "submitter-1" }', true],
    ['{"requester":"submitter\\u002d1"}', true],
    ['{"requester":"alice"}', false],
    ['{"requester":"submitter-10"}', false],
    ['{"requester":"my-submitter-1"}', false],
    ['not JSON', false],
    [null, false],
  ])('%s: %s', (value, expected) => {
    expect(canBeFor('submitter-1')(record(value))).toBe(expected);
  });
});

import { unknownIn } from './metric-table';
import { readQuery } from './promql';

it('reads which metrics and labels an expression asks for', () => {
  const query = 'sum by (le) (rate(a_bucket{code=~"x|y"}[$__rate_interval])) > on (node) group_left (key) b';
  expect(readQuery(query)).toEqual({
    selectors: [
      { metric: 'a_bucket', labels: ['code'] },
      { metric: 'b', labels: [] },
    ],
    grouping: ['le', 'node', 'key'],
  });
});

it.each(['sum by (le (rate(a[5m]))', 'a >', 'rate(a[5m)', 'increase(a{b=}[5m])'])('refuses %s', (text) => {
  expect(() => readQuery(text)).toThrow('no PromQL at character');
});

it('tells what the table of metrics does not have', () => {
  expect(unknownIn('sum by (topic) (quorate_consumer_lag_records{service="auditor"}) > 0')).toEqual([]);
  expect(unknownIn('quorate_nothing > 0')).toEqual(['quorate_nothing']);
  expect(unknownIn('sum by (tpoic) (quorate_consumer_lag_records{grop="a"})')).toEqual([
    'quorate_consumer_lag_records{grop}',
    'tpoic',
  ]);
  expect(() => unknownIn('1 > 0')).toThrow('asks for no metric');
});

import { parseRoute, pathOf, type Route } from './route';

const at = (path: string) => parseRoute(new URL(path, 'http://127.0.0.1:8083'));

describe('an address', () => {
  it.each<Route>([
    { view: 'latest' },
    { view: 'checkpoint' },
    { view: 'nodes' },
    { view: 'story', id: 'tx:demo:payout-77' },
    { view: 'story', id: 'ü /?#%' },
    { view: 'entry', log: 0, index: 1_234_567 },
    { view: 'search', query: { q: '0x12 & more' } },
    { view: 'search', query: { type: 'quorate.tx.signed.v1', from: '2026-12-01T12:00:00.000Z' } },
  ])('leads back to the view that it was made for: %j', (route) => {
    expect(at(pathOf(route))).toEqual(route);
  });

  it.each([
    '/entry/0/x',
    '/entry/0/-1',
    '/entry/0/007',
    '/entry/0',
    '/story',
    '/story/%ff',
    '/nodes/1',
    '/v1/events',
  ])('that means nothing leads nowhere: %s', (path) => {
    expect(at(path)).toEqual({ view: 'nowhere' });
  });
});

import { resolveInDns } from './resolve-host';
import { NameServer } from './testing/name-server';

/** Against a name server of its own. */
describe('resolveInDns', () => {
  let server: NameServer;

  beforeAll(async () => {
    const private4 = [10, 0, 0, 1];
    const private6 = [0xfd, ...Array<number>(14).fill(0), 1];
    server = await NameServer.start({
      'both.test': { a: [[1, 1, 1, 1]], aaaa: [private6] },
      'four.test': { a: [[1, 1, 1, 1], private4], aaaa: [] },
      'six.test': { a: [], aaaa: [private6] },
      'empty.test': { a: [], aaaa: [] },
      'slow.test': 'silence',
    });
  });
  afterAll(() => server.stop());

  const never = new AbortController().signal;
  const resolve = (host: string, signal = never) => resolveInDns([server.address])(host, signal);

  it('gives all addresses of both kinds, so that none goes unchecked', async () => {
    expect((await resolve('both.test')).sort()).toEqual(['1.1.1.1', 'fd00::1']);
    expect((await resolve('four.test')).sort()).toEqual(['1.1.1.1', '10.0.0.1']);
    expect(await resolve('six.test')).toEqual(['fd00::1']);
  });

  it.each(['empty.test', 'unknown.test'])('says that %s has none', async (host) => {
    await expect(resolve(host)).rejects.toThrow('no address');
  });

  it('asks anew each time', async () => {
    await resolve('four.test');
    const before = server.asked.length;
    await resolve('four.test');
    expect(server.asked.length).toBeGreaterThan(before);
  });

  it('ends when it is stopped, whatever the name server does', async () => {
    const stop = new AbortController();
    const resolving = resolve('slow.test', stop.signal);
    stop.abort();
    await expect(resolving).rejects.toThrow('no address');
  });
});

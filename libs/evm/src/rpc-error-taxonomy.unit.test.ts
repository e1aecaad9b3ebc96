import { rejections, rpcErrorTable } from './rpc-error-table';
import { fingerprintOf, RpcErrorTaxonomy } from './rpc-error-taxonomy';

describe('the table of error texts', () => {
  const taxonomy = new RpcErrorTaxonomy();

  it.each(rpcErrorTable.map(({ client, example, class: means }) => [client, example, means] as const))(
    '%s: "%s" means %s',
    (_, example, means) => {
      expect(taxonomy.classify(example)).toBe(means);
    },
  );

  it('has for each row an example that its own pattern matches', () => {
    for (const { pattern, example } of rpcErrorTable) expect(example).toMatch(pattern);
  });

  it('knows how each client says the ordinary things', () => {
    const clients = ['geth', 'erigon', 'reth', 'nethermind', 'besu', 'anvil'];
    for (const means of ['known', 'nonce-used', 'replacement-underpriced', 'insufficient-funds']) {
      const saying = rpcErrorTable.filter((rule) => rule.class === means).map(({ client }) => client);
      expect(saying).toEqual(expect.arrayContaining(clients));
    }
    const classes = new Set<string>(rpcErrorTable.map((rule) => rule.class));
    expect(rejections.filter((rejection) => !classes.has(rejection))).toEqual([]);
  });

  it.each(['', 'internal error', 'Internal error', 'execution aborted', 'unauthorized', 'method not found'])(
    'says nothing about "%s"',
    (text) => {
      expect(taxonomy.classify(text)).toBeUndefined();
    },
  );

  it('asks own rules first', () => {
    const own = new RpcErrorTaxonomy([
      {
        client: 'mine',
        pattern: /pool is taking a nap/i,
        class: 'pool-full',
        example: 'pool is taking a nap',
      },
      { client: 'mine', pattern: /txpool is full/i, class: 'node-trouble', example: 'txpool is full' },
    ]);
    expect(own.classify('The pool is taking a nap')).toBe('pool-full');
    expect(own.classify('txpool is full')).toBe('node-trouble');
    expect(own.classify('already known')).toBe('known');
  });
});

describe('fingerprintOf', () => {
  it('is the same for texts that differ in numbers, hashes and addresses', () => {
    const texts = [
      'tx 0xAb12 of 0x336394A3219e71D9d9bd18201d34E95C1Bb7122C costs 1.50 at block 7',
      'tx 0x99 of 0x0000000000000000000000000000000000000001 costs 12 at  block 1234',
    ];
    expect(texts.map((text) => fingerprintOf(text).shape)).toEqual(
      Array(2).fill('tx # of # costs # at block #'),
    );
    expect(fingerprintOf(texts[0] ?? '').fingerprint).toMatch(/^[0-9a-f]{8}$/);
    expect(fingerprintOf('hash 00ff00ff00ff00ff').shape).toBe('hash #');
  });

  it('differs where the words do', () => {
    expect(fingerprintOf('pool closed').fingerprint).not.toBe(fingerprintOf('pool open').fingerprint);
    expect(fingerprintOf('deadbeef facade defaced').shape).toBe('deadbeef facade defaced');
  });
});

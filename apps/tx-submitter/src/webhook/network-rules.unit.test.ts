import { isCidr, NetworkRules } from './network-rules';

const publicOnly = new NetworkRules([]);

describe('addresses that webhooks may go to', () => {
  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.15.255.255',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700:4700::1111',
    '2a00::1',
  ])('public: %s', (address) => expect(publicOnly.permits(address)).toBe(true));

  it.each([
    ['this network', ['0.0.0.0', '0.1.2.3', '::']],
    ['loopback', ['127.0.0.1', '127.255.255.254', '::1']],
    ['private', ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1']],
    ['carrier-grade NAT', ['100.64.0.1', '100.127.255.255', '100.100.100.200']],
    ['link-local', ['169.254.0.1', 'fe80::1', 'febf::1']],
    ['metadata services', ['169.254.169.254', 'fd00:ec2::254', '168.63.129.16', '192.0.0.192']],
    ['unique-local', ['fc00::1', 'fdff::1']],
    ['site-local', ['fec0::1']],
    ['multicast', ['224.0.0.1', '239.255.255.255', 'ff02::1']],
    ['reserved and broadcast', ['240.0.0.1', '255.255.255.255']],
    ['documentation', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '2001:db8::1', '3fff::1']],
    ['benchmarks', ['198.18.0.1', '198.19.255.255']],
    ['IPv4-mapped', ['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:a9fe:a9fe', '0:0:0:0:0:ffff:10.0.0.1']],
    ['IPv4-compatible', ['::127.0.0.1', '::8.8.8.8']],
    ['NAT64', ['64:ff9b::7f00:1', '64:ff9b:1::1']],
    ['6to4 and Teredo', ['2002:7f00:1::1', '2001:0:7f00:1::1', '192.88.99.1']],
    ['of an interface', ['fe80::1%eth0', '2606:4700::1%eth0']],
    ['no address', ['', 'localhost', '1.1.1', '0x7f.1', '127.1']],
  ])('not: %s', (_, addresses) => {
    expect(addresses.filter((address) => publicOnly.permits(address))).toEqual([]);
  });

  it('but for the networks that an endpoint names, and no others', () => {
    const rules = new NetworkRules(['10.1.0.0/16', 'fd12::/16', '127.0.0.1/32']);
    const permitted = ['10.1.2.3', 'fd12::1', '127.0.0.1', '8.8.8.8'];
    const others = ['10.2.0.1', 'fd13::1', '127.0.0.2', '169.254.169.254', '::1'];
    expect([...permitted, ...others].filter((address) => rules.permits(address))).toEqual(permitted);
  });
});

describe('isCidr', () => {
  it.each(['10.0.0.0/8', '127.0.0.1/32', '0.0.0.0/0', 'fd00::/8', '::1/128'])('%s is a network', (text) =>
    expect(isCidr(text)).toBe(true),
  );
  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0/8',
    'fd00::/129',
    'host/8',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '::%1/8',
    '1.1.1.1/-1',
  ])('%s is none', (text) => expect(isCidr(text)).toBe(false));
});

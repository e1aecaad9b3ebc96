/**
 * Which addresses webhooks may go to: those of the public Internet, by the IANA registries of special-purpose addresses
 * (RFC 6890, https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry), and the networks
 * that an endpoint names.
 */
import { BlockList, isIP, isIPv4 } from 'node:net';

/** Networks as CIDR: `10.1.0.0/16`, `fd00::/8`. */
type Cidr = string;

const specialIPv4: readonly Cidr[] = [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT, RFC 6598
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // the platform service of Azure, which is in public space
  '169.254.0.0/16', // link-local: the metadata services of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments: the metadata service of Oracle
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays, RFC 7526
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
];
/** Everything else is no global unicast: loopback, IPv4-mapped, NAT64, unique-local, link-local, multicast. */
const globalIPv6: Cidr = '2000::/3';
const specialIPv6: readonly Cidr[] = [
  '2001::/23', // protocol assignments: Teredo carries an IPv4 address
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4 carries an IPv4 address
  '3fff::/20', // documentation
];

const refused = listOf([...specialIPv4, ...specialIPv6]);
const unicastIPv6 = listOf([globalIPv6]);

/** Whether a text is a network in CIDR notation. */
export function isCidr(text: string): boolean {
  const { address, prefix } = parse(text);
  const bits = address.includes('%') ? 0 : { 0: 0, 4: 32, 6: 128 }[isIP(address)];
  return bits !== undefined && bits > 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}

export class NetworkRules {
  private readonly allowed: BlockList;

  /** @param allowed networks that may be called although they are not public; each satisfies {@link isCidr} */
  constructor(allowed: readonly Cidr[]) {
    this.allowed = listOf(allowed);
  }

  /** Whether a connection to this address may be made. What is no plain IPv4 or IPv6 address may not. */
  permits(address: string): boolean {
    if (isIP(address) === 0 || address.includes('%')) return false;
    if (isIPv4(address)) return this.allowed.check(address, 'ipv4') || !refused.check(address, 'ipv4');
    if (this.allowed.check(address, 'ipv6')) return true;
    return unicastIPv6.check(address, 'ipv6') && !refused.check(address, 'ipv6');
  }
}

function listOf(networks: readonly Cidr[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const { address, prefix } = parse(network);
    list.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}

function parse(network: Cidr): { address: string; prefix: string } {
  const [address = '', prefix = '', ...rest] = network.split('/');
  return { address, prefix: rest.length === 0 ? prefix : '' };
}

import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** How far inside an address lies: the internet, a private network, one link of it (cloud metadata too), or this machine. */
export type Zone = 'public' | 'private' | 'link-local' | 'loopback';

/** From the inside out; an unspecified address is answered by this machine. */
const ZONES: readonly (readonly [Zone, BlockList])[] = [
  ['loopback', subnets(['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'])],
  // The single addresses are where Azure, Alibaba and Oracle answer the machines they host about themselves.
  [
    'link-local',
    subnets(['169.254.0.0/16', 'fe80::/10', 'fd00:ec2::/32', '168.63.129.16', '100.100.100.200', '192.0.0.192']),
  ],
  [
    'private',
    subnets([
      '10.0.0.0/8',
      '100.64.0.0/10',
      '172.16.0.0/12',
      '192.0.0.0/24',
      '192.168.0.0/16',
      '198.18.0.0/15',
      '240.0.0.0/4',
      'fc00::/7',
      'fec0::/10',
      '64:ff9b:1::/48',
    ]),
  ],
];
const LOOPBACK = subnets(['127.0.0.0/8', '::1/128']);

/** IPv6 addresses that hold IPv4 ones, and which of their groups those are: whoever translates them, or ends the tunnel, reaches what is in them. */
const HOLDING: readonly (readonly [BlockList, (groups: readonly number[]) => readonly (readonly number[])[]])[] = [
  // Compatible and translated (RFC 4291 2.5.5.1, RFC 2765 2.1), mapped, and NAT64 (RFC 6052, RFC 8215).
  [
    subnets(['::/96', '::ffff:0:0:0/96', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48']),
    (groups) => [groups.slice(6)],
  ],
  // 6to4 (RFC 3056).
  [subnets(['2002::/16']), (groups) => [groups.slice(1, 3)]],
  // Teredo: its server, and the client with every bit turned (RFC 4380, 4).
  [subnets(['2001::/32']), (groups) => [groups.slice(2, 4), groups.slice(6).map((group) => group ^ 0xffff)]],
];
/** The fifth and sixth group of ISATAP addresses, whatever their prefix (RFC 5214, 6.1). */
const ISATAP = ['0:5efe', '200:5efe'];

/** True for `localhost`, 127.0.0.0/8 and ::1, as `URL.hostname` spells them: what Docker lets speak plain HTTP without being told. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || contains(LOOPBACK, hostname);
}

/**
 * The zone of an address literal, and of `localhost` with its subdomains (IANA special-purpose registries, RFC 6890); other names count as public. An IPv6 address
 * that holds IPv4 ones lies as far inside as the innermost of them.
 */
export function zoneOf(hostname: string): Zone {
  if (/(^|\.)localhost\.?$/.test(hostname)) return 'loopback';
  const addresses = [hostname, ...heldBy(bare(hostname))];
  return ZONES.find(([, list]) => addresses.some((address) => contains(list, address)))?.[0] ?? 'public';
}

/** True if the address literal, with or without brackets, lies in one of the ranges. */
export function contains(list: BlockList, hostname: string): boolean {
  const address = withoutScope(bare(hostname));
  return (isIPv4(address) && list.check(address, 'ipv4')) || (isIPv6(address) && list.check(address, 'ipv6'));
}

/** The ranges of a list of CIDRs; a bare address is a range of one. Throws a RangeError or TypeError on anything else. */
export function subnets(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = '', prefix] = cidr.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    list.addSubnet(address, Number(prefix ?? (family === 'ipv4' ? 32 : 128)), family);
  }
  return list;
}

/** An address as sockets take it: a URL has IPv6 in brackets. */
export const bare = (hostname: string): string => hostname.replace(/^\[(.*)\]$/, '$1');

/** `fe80::1%eth0` names the link as well. */
const withoutScope = (address: string): string => address.replace(/%.*$/, '');

/** The IPv4 addresses in an IPv6 address. */
function heldBy(address: string): readonly string[] {
  if (!isIPv6(address)) return [];
  const groups = groupsOf(withoutScope(address));
  const pairs = HOLDING.flatMap(([list, pick]) => (contains(list, address) ? pick(groups) : []));
  const last = groups.slice(4, 6).map((group) => group.toString(16));
  const all = ISATAP.includes(last.join(':')) ? [...pairs, groups.slice(6)] : pairs;
  return all.map(([high = 0, low = 0]) => [high >> 8, high & 255, low >> 8, low & 255].join('.'));
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [front = [], back = []] = written.split('::').map((part) => part.split(':').filter(Boolean));
  const gap = Array.from({ length: 8 - front.length - back.length }, () => '0');
  return [...front, ...gap, ...back].map((group) => Number.parseInt(group, 16));
}

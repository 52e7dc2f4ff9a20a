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
      '192.168.0.0/16',
      'fc00::/7',
      'fec0::/10',
      '64:ff9b:1::/48',
    ]),
  ],
];
const LOOPBACK = subnets(['127.0.0.0/8', '::1/128']);
/** Addresses that stand for an IPv4 address in their last 32 bits (RFC 6052). */
const TRANSLATED = subnets(['64:ff9b::/96']);

/** True for `localhost`, 127.0.0.0/8 and ::1, as `URL.hostname` spells them: what Docker lets speak plain HTTP without being told. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || contains(LOOPBACK, hostname);
}

/** The zone of an address literal, and of `localhost` with its subdomains (IANA special-purpose registries, RFC 6890); other names count as public. */
export function zoneOf(hostname: string): Zone {
  if (/(^|\.)localhost\.?$/.test(hostname)) return 'loopback';
  const address = contains(TRANSLATED, hostname) ? lastBits(hostname) : hostname;
  return ZONES.find(([, list]) => contains(list, address))?.[0] ?? 'public';
}

/** True if the address literal, with or without brackets, lies in one of the ranges. */
export function contains(list: BlockList, hostname: string): boolean {
  const address = bare(hostname);
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

function lastBits(hostname: string): string {
  const groups = new URL(`http://[${bare(hostname)}]`).hostname.slice(1, -1).split(':').slice(-2);
  const [high = 0, low = 0] = groups.map((group) => Number.parseInt(group || '0', 16));
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

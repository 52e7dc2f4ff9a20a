import { BlockList, isIPv4, isIPv6 } from 'node:net';

const LOOPBACK = ranges(['127.0.0.0/8', '::1/128']);

/** Loopback, private, link-local, shared and unspecified ranges (IANA special-purpose registries, RFC 6890). */
const PRIVATE = ranges([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  ...['::/128', '::1/128', 'fc00::/7', 'fe80::/10'],
]);

/** True for `localhost`, 127.0.0.0/8 and ::1, as `URL.hostname` spells them: what Docker lets speak plain HTTP without being told. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || contains(LOOPBACK, hostname);
}

/** True for `localhost`, its subdomains, and address literals no host of the public internet has; other names are not looked up. */
export function isPrivate(hostname: string): boolean {
  return hostname === 'localhost' || /\.localhost\.?$/.test(hostname) || contains(PRIVATE, hostname);
}

function contains(list: BlockList, hostname: string): boolean {
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  return (isIPv4(address) && list.check(address, 'ipv4')) || (isIPv6(address) && list.check(address, 'ipv6'));
}

function ranges(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', prefix] = subnet.split('/');
    list.addSubnet(address, Number(prefix), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}

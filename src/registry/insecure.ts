import dns from 'node:dns';
import type { BlockList } from 'node:net';
import { once } from '../lib/pool.ts';
import { bare, contains, isLoopback, subnets } from './addresses.ts';

/** Which hosts may do without TLS, or without a certificate that somebody vouches for: loopback, and what `insecure-registries` and `registries.conf` list. */
export interface Insecure {
  /** True if the list has the host, with this port or without any, or a range that holds its address literal. */
  lists(url: URL): boolean;
  /** True if the list has a range that holds the address. */
  listsAddress(address: string): boolean;
  /** True for loopback and for what is listed, without looking a name up. */
  maybePlain(url: URL): boolean;
  /**
   * True for loopback and for what is listed; a name is looked up, once, only where ranges are listed, and every one of its addresses must lie in one. What files list is
   * read by then, and counts from then on.
   */
  allows(url: URL): Promise<boolean>;
}

/** A list of hosts, `host:port` and CIDRs as `settings` gives it, IPv6 hosts in brackets, and the hosts that files list, also as `*.corp`. */
export function createInsecure(
  list: readonly string[],
  lookup: typeof dns.lookup = dns.lookup,
  inFiles: () => Promise<readonly string[]> = async () => [],
): Insecure {
  const hosts = new Set(list.filter((entry) => !entry.includes('/')).map((entry) => entry.toLowerCase()));
  const cidrs = list.filter((entry) => entry.includes('/'));
  const ranges: BlockList = subnets(cidrs);
  const resolved = once<readonly string[]>();
  const listsAddress = (address: string) => contains(ranges, address);
  const withPort = ({ hostname, port, protocol }: URL) =>
    `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
  const suffixes = new Set<string>();
  const isBelow = ({ hostname }: URL) => [...suffixes].some((suffix) => hostname.endsWith(suffix));
  const lists = (url: URL) =>
    hosts.has(url.hostname) || hosts.has(withPort(url)) || isBelow(url) || listsAddress(url.hostname);
  const reading = once<void>();
  const read = () =>
    reading('', async () => {
      for (const entry of await inFiles()) entry.startsWith('*.') ? suffixes.add(entry.slice(1)) : hosts.add(entry);
    });
  return {
    lists,
    listsAddress,
    maybePlain: (url) => isLoopback(url.hostname) || lists(url),
    allows: async (url) => {
      await read();
      if (isLoopback(url.hostname) || lists(url)) return true;
      if (cidrs.length === 0) return false;
      const addresses = await resolved(url.hostname, () => addressesOf(bare(url.hostname), lookup)).catch(() => []);
      return addresses.length > 0 && addresses.every(listsAddress);
    },
  };
}

function addressesOf(hostname: string, lookup: typeof dns.lookup): Promise<readonly string[]> {
  return new Promise((resolve, reject) =>
    lookup(hostname, { all: true }, (error, found) => {
      if (error) reject(error);
      else resolve(found.map(({ address }) => address));
    }),
  );
}

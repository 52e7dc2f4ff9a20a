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
  /** Reads what files list, which counts from then on. */
  ready(): Promise<void>;
  /** True for loopback and for what is listed, names that are looked up as addresses in a range included. */
  allows(url: URL): Promise<boolean>;
  /**
   * True for a name that only a range makes insecure: looked up, once, and only where ranges are listed, every one of its addresses lies in one. Whoever connects must
   * go to such an address. Never for Docker Hub, as with Docker, nor for GHCR, which is sent the job's token unasked.
   */
  byRange(url: URL): Promise<boolean>;
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
  const ready = () =>
    reading('', async () => {
      for (const entry of await inFiles()) entry.startsWith('*.') ? suffixes.add(entry.slice(1)) : hosts.add(entry);
    });
  const byRange = async (url: URL) => {
    if (cidrs.length === 0 || isLoopback(url.hostname) || lists(url) || isWellKnown(url)) return false;
    const addresses = await resolved(url.hostname, () => addressesOf(bare(url.hostname), lookup)).catch(() => []);
    return addresses.length > 0 && addresses.every(listsAddress);
  };
  const maybePlain = (url: URL) => isLoopback(url.hostname) || lists(url);
  return {
    lists,
    listsAddress,
    maybePlain,
    byRange,
    ready,
    allows: async (url) => {
      await ready();
      return maybePlain(url) || (await byRange(url));
    },
  };
}

const isWellKnown = ({ hostname }: URL): boolean => /(?:^|\.)(?:docker\.io|docker\.com|ghcr\.io)\.?$/.test(hostname);

function addressesOf(hostname: string, lookup: typeof dns.lookup): Promise<readonly string[]> {
  return new Promise((resolve, reject) =>
    lookup(hostname, { all: true }, (error, found) => {
      if (error) reject(error);
      else resolve(found.map(({ address }) => address));
    }),
  );
}

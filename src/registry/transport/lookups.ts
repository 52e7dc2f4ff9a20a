import dns from 'node:dns';
import type { LookupFunction } from 'node:net';
import { bare, type Zone, zoneOf } from '../addresses.ts';
import { insideWords, mayReach } from '../policy.ts';

/** Names as they were looked up for connections. */
export interface Lookups {
  /**
   * Where a host lies: by its literal, else the outermost zone of all addresses it was ever looked up as, so that no answer of a name server makes a public
   * host an inside one. `public` if it was never looked up, as behind a proxy.
   */
  zoneOf(hostname: string): Zone;
  /** A look-up for sockets that gives only addresses which may be reached from the zone, or are listed; without a zone every one, with `listedOnly` no other than those listed. */
  within(zone: Zone | undefined, listedOnly?: boolean): LookupFunction;
}

/** The codes of the errors that a look-up ends with if every address is refused: for its zone, or for not being listed. */
export const INSIDE = 'ERR_ADDRESS_INSIDE';
export const UNLISTED = 'ERR_ADDRESS_UNLISTED';

/** The look-ups of one client; `resolve` is `dns.lookup`, and `isListed` says which addresses the user allows. */
export function createLookups(
  isListed: (address: string) => boolean,
  resolve: typeof dns.lookup = dns.lookup,
): Lookups {
  const outermost = new Map<string, Zone>();
  const note = (hostname: string, zones: readonly Zone[]) => {
    const seen = [outermost.get(hostname), ...zones].filter((zone) => zone !== undefined);
    const zone = ORDER.find((candidate) => seen.includes(candidate));
    if (zone) outermost.set(hostname, zone);
  };
  return {
    zoneOf: (hostname) => {
      const literal = zoneOf(hostname);
      return literal === 'public' ? (outermost.get(bare(hostname)) ?? 'public') : literal;
    },
    within:
      (zone, listedOnly = false) =>
      (hostname, options, callback) => {
        resolve(hostname, { ...options, all: true }, (error, addresses) => {
          if (error) return callback(error, []);
          note(
            hostname,
            addresses.map(({ address }) => zoneOf(address)),
          );
          const allowed = addresses.filter(
            ({ address }) =>
              isListed(address) || (!listedOnly && (zone === undefined || mayReach(zone, zoneOf(address)))),
          );
          const [first] = allowed;
          const refused = addresses[0]?.address ?? '';
          if (!first) return callback(listedOnly ? unlisted(hostname, refused) : inside(hostname, refused), []);
          if (options.all) callback(null, allowed);
          else callback(null, first.address, first.family);
        });
      },
  };
}

const ORDER: readonly Zone[] = ['public', 'private', 'link-local', 'loopback'];

function inside(hostname: string, address: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname}: ${insideWords(address, zoneOf(address))}`), {
    code: INSIDE,
  });
}

function unlisted(hostname: string, address: string): NodeJS.ErrnoException {
  const reason = `${hostname} was in a range of insecure-registries, and is ${address} now, which is in none`;
  return Object.assign(new Error(reason), { code: UNLISTED });
}

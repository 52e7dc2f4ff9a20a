import type { Zone } from './addresses.ts';

/**
 * The one place that says where others may send us. A registry, a storage host and a manifest all name URLs; what follows from that is decided here,
 * without looking at the network, and written down for people in docs/threat-model.md.
 */

/** Why a URL is asked that the user did not name: a redirect, the token server of a challenge, a URL that a manifest gives for a layer, or the place of an upload. */
export type Via = 'redirect' | 'realm' | 'layer' | 'upload';

/** Who sent us, and how. */
export interface Sender {
  readonly url: URL;
  readonly via: Via;
}

/** What is known of hosts when a request is about to be sent. */
export interface Knowledge {
  /** Where the host lies, by its literal address or by the addresses it was reached at; `public` if unknown. */
  zoneOf(hostname: string): Zone;
  /** True for hosts that may speak plain HTTP: loopback, and what the user lists. */
  mayBePlain(url: URL): boolean;
  /** True for hosts and addresses that the user lists. */
  isListed(url: URL): boolean;
}

/**
 * Why the sender may not send us there, or undefined if it may: HTTP only, never from TLS to plain text, never further inside than the sender itself is.
 * A layer's URL must be https; a token server may speak plain HTTP only at the registry's own host or where that is allowed anyway, for a login may go there.
 */
export function refusal({ url: from, via }: Sender, to: URL, known: Knowledge): string | undefined {
  const secure = to.protocol === 'https:';
  if (!secure && to.protocol !== 'http:') return `${to.protocol} is neither https: nor http:`;
  if (!secure && from.protocol === 'https:') return 'it leads from https: to http:';
  if (!secure && via === 'layer') return 'it is not https:';
  if (!secure && via === 'realm' && to.hostname !== from.hostname && !known.mayBePlain(to))
    return 'a login would go there in plain text';
  const bound = reach({ url: from, via }, to, known);
  const zone = known.zoneOf(to.hostname);
  return bound === undefined || mayReach(bound, zone) ? undefined : insideWords(to.hostname, zone);
}

/** The zone whose addresses a host that was named by somebody else may have; undefined if any will do: the sender's own host, and what the user lists. */
export function reach({ url: from, via }: Sender, to: URL, known: Knowledge): Zone | undefined {
  if (known.isListed(to)) return undefined;
  if (to.hostname === from.hostname && via !== 'layer') return undefined;
  return via === 'layer' ? 'public' : known.zoneOf(from.hostname);
}

/** True if somebody of the first zone may send us to the second: anybody to the internet, a private network to itself, this machine also to that. */
export function mayReach(from: Zone, to: Zone): boolean {
  return to === 'public' || to === from || (from === 'loopback' && to === 'private');
}

/** Why an address is not asked. */
export function insideWords(host: string, zone: Zone): string {
  const places = {
    public: 'the internet',
    private: 'a private network',
    'link-local': 'the local link',
    loopback: 'this machine',
  };
  return `${host} is an address of ${places[zone]}`;
}

/** True if what was made for one URL (Authorization) may go along to another: scheme, host and port must be the same. */
export function sharesCredentials(from: URL, to: URL): boolean {
  return from.origin === to.origin;
}

import type { Zone } from './addresses.ts';

/** Names that mean something in one network only (RFC 6762, 6761 and 8375, ICANN's `internal`, and what RFC 6762 lists as seen in the wild). */
const INSIDE_NAME = /^[^.:]+$|\.(?:local|internal|intranet|private|corp|home|lan|home\.arpa|localdomain)$/i;

/** Pure: true if strangers cannot have what this host gives, since they do not reach it: by where it lies, or by a name that nobody else looks up. */
export function isInside(hostname: string, zone: Zone): boolean {
  return zone !== 'public' || INSIDE_NAME.test(hostname.replace(/\.$/, ''));
}

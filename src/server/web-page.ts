import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';

/**
 * What of a request only a browser sends for a web page, in words; undefined where a registry client or a person may have asked. A page may send a request to this
 * machine, and read the answer by a name of its own that leads here; it can leave out neither `Origin`, `Sec-Fetch-Site` nor `Accept-Language` where a browser
 * sends them (Fetch standard), nor say another `Host`.
 */
export function signOfPage(headers: IncomingHttpHeaders): string | undefined {
  if (headers.origin !== undefined) return 'an Origin header';
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'none') return 'a Sec-Fetch-Site header';
  // No registry client says in which language it reads; browsers tell a server by a foreign name nothing else that a page could not change.
  if (headers['accept-language'] !== undefined && !isOfThisMachine(headers.host))
    return 'an Accept-Language header for a name that is not localhost';
  return undefined;
}

/** True for `localhost` and for addresses, to which no page can give another meaning. */
function isOfThisMachine(host = ''): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

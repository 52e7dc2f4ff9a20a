import { type BlockList, isIP, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { PullError } from '../errors.ts';
import { redactUrl } from '../lib/redact.ts';
import { bare, contains, isLoopback, subnets } from './addresses.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy for a URL, with the login that its own URL may hold; undefined for none. Throws INPUT_INVALID if it cannot be used. */
export type ProxyRule = (url: URL) => URL | undefined;

/** Something in NO_PROXY: true for hosts that are reached directly. */
type Exception = (hostname: string, port: string) => boolean;

const PROTOCOLS = new Set(['http:', 'https:', 'socks5:', 'socks5h:']);

/**
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capitals or else not, with the meaning they have in Go (golang.org/x/net/http/httpproxy) and so in Docker:
 * names with their subdomains, `.name` for those alone, `*`, addresses, CIDRs, each with a port or without. Loopback is never proxied.
 */
export function proxyRule(environment: Environment): ProxyRule {
  const read = (name: string) => environment[name] || environment[name.toLowerCase()] || '';
  const direct = exceptions(read('NO_PROXY'));
  return (url) => {
    const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
    const value = url.protocol === 'https:' || url.protocol === 'http:' ? read(name) : '';
    if (value === '') return undefined;
    // What a web server calls has HTTP_PROXY from a request's `Proxy:` header (CVE-2016-5385).
    if (name === 'HTTP_PROXY' && environment.REQUEST_METHOD)
      throw unusable(name, 'it is not used where REQUEST_METHOD is set, for then anybody may have set it');
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    if (isLoopback(url.hostname) || direct.some((matches) => matches(url.hostname, port))) return undefined;
    return parseProxy(name, value);
  };
}

function parseProxy(name: string, value: string): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  if (!URL.canParse(text)) throw unusable(name, 'its value is not a URL');
  const url = new URL(text);
  if (/%(?![0-9a-f]{2})/i.test(url.username + url.password))
    throw unusable(name, 'a % in its user or password must be written as %25');
  if (PROTOCOLS.has(url.protocol) && url.hostname !== '') return url;
  throw unusable(name, `expected http://, https:// or socks5://, found ${redactUrl(url)}`);
}

function unusable(name: string, reason: string): PullError {
  return new PullError('INPUT_INVALID', name, reason, { hint: `Write it as ${name}=http://proxy.example:3128.` });
}

function exceptions(list: string): readonly Exception[] {
  const entries = list
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter(Boolean);
  return entries.includes('*') ? [() => true] : entries.map(exception);
}

function exception(entry: string): Exception {
  const range = parseRange(entry);
  if (range) return (hostname) => contains(range, hostname);
  const [host, port] = splitPort(entry);
  const atPort = (found: string) => port === '' || port === found;
  if (isIP(host)) {
    const address = subnets([host]);
    return (hostname, found) => contains(address, hostname) && atPort(found);
  }
  if (host === '') return () => false;
  const suffix = host.startsWith('*.') ? host.slice(1) : host;
  const name = toAscii(suffix.replace(/^\./, ''));
  return (hostname, found) =>
    atPort(found) && (hostname.endsWith(`.${name}`) || (!suffix.startsWith('.') && hostname === name));
}

function parseRange(entry: string): BlockList | undefined {
  const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  if (!isIP(address) || Number(prefix) > (isIPv6(address) ? 128 : 32)) return undefined;
  return subnets([entry]);
}

/** `host:80` and `[::1]:80` have a port; `::1` has none. */
function splitPort(entry: string): readonly [string, string] {
  const [, bracketed, plain, port] = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(entry) ?? [];
  return port === undefined ? [entry, ''] : [bracketed ?? plain ?? '', port];
}

const toAscii = (name: string): string => domainToASCII(name) || bare(name);

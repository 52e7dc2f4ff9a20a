import { once } from '../lib/pool.ts';
import { bare } from './addresses.ts';
import { allAuthorities, certificateFolders, certificatesFor } from './certificates.ts';
import type { Insecure } from './insecure.ts';
import type { Origins } from './origins.ts';
import { proxyRule } from './proxies.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a TLS connection is made with; PEM texts. */
export interface Trust {
  /** Every authority that counts; Node's own where absent. */
  readonly ca?: readonly string[] | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly rejectUnauthorized: boolean;
}

/** How to connect to an origin: plain data, so that a worker can be given it. */
export interface Connection {
  /** URL of the proxy, with its login if it has one. */
  readonly proxy?: string | undefined;
  /** True if a range of addresses is all that makes the host insecure: then no other address may be connected to. */
  readonly listedOnly?: boolean;
  readonly trust: Trust;
  /** How long it may take to connect, if that is said for this origin. */
  readonly connectMs?: number | undefined;
}

export interface Connections {
  /** How to connect to the origin of the URL; the same object until something wider was needed. Throws INPUT_INVALID for a proxy or file that cannot be used. */
  connectionFor(url: URL): Promise<Connection>;
  /** True if the URL may do without a certificate that somebody vouches for; behind a proxy, which looks names up by itself, never by a range. */
  mayBeInsecure(url: URL): Promise<boolean>;
  /** True if the URL is reached through a proxy. */
  isProxied(url: URL): boolean;
  /** True if any connection so far was to show a client certificate. */
  showsClient(): boolean;
  /** The same with every authority this machine trusts, after a certificate turned out to be unknown; undefined if those were in use already. */
  wider(url: URL, tried: Connection): Promise<Connection | undefined>;
}

export interface ConnectionsOptions {
  readonly environment: Environment;
  readonly insecure: Insecure;
  /** Folders such as /etc/docker/certs.d; those of this machine by default. */
  readonly certificateFolders?: readonly string[] | undefined;
  /** True if no client certificate is ever shown. */
  readonly anonymous?: boolean | undefined;
  /** What `hosts.toml` says of origins. */
  readonly origins: Origins;
}

const HUB_HOST = 'registry-1.docker.io';
const PLAIN: Trust = { rejectUnauthorized: true };
const ANY: Trust = { rejectUnauthorized: false };

/**
 * Proxies, authorities and client certificates of the machine. Nothing is read before the first connection, and of the system's authorities nothing before a
 * certificate is not known to Node: public registries never pay for them.
 */
export function createConnections({ environment, insecure, origins, ...options }: ConnectionsOptions): Connections {
  const folders = options.certificateFolders ?? certificateFolders(environment);
  const known = once<Connection>();
  const authorities = once<readonly string[]>();
  const trusts = once<Trust>();
  const proxyFor = proxyRule(environment);
  let wide = false;
  let shown = false;
  const stamps = new Map<object, number>();
  /** Another text whenever more was learnt of an origin. */
  const stampOf = (said: object | undefined): string => {
    if (!said) return '';
    stamps.set(said, stamps.get(said) ?? stamps.size);
    return ` ${stamps.get(said)}`;
  };
  const mayBeInsecure = async (url: URL) => {
    await insecure.ready();
    return proxyFor(url) ? insecure.maybePlain(url) : insecure.allows(url);
  };

  /** Connections that trust the same share one object, so that its certificates are parsed once. */
  async function trustOf(url: URL): Promise<Trust> {
    if (url.protocol !== 'https:') return PLAIN;
    const said = origins.of(url);
    const lenient = said?.skipsVerify || (await mayBeInsecure(url));
    const found = await certificatesFor(foldersOf(url), folders);
    const own = {
      authorities: [...found.authorities, ...(said?.authorities ?? [])],
      client: options.anonymous ? undefined : (said?.client ?? found.client),
    };
    if (own.client) shown = true;
    if (!wide && own.authorities.length === 0 && !own.client) return lenient ? ANY : PLAIN;
    const key = own.authorities.length === 0 && !own.client ? `${lenient}` : url.host + stampOf(said);
    return trusts(key + wide, async () => {
      const ca =
        wide || own.authorities.length > 0 ? await authorities('', () => allAuthorities(environment)) : undefined;
      return { ca: ca && [...ca, ...own.authorities], ...own.client, rejectUnauthorized: !lenient };
    });
  }
  const connectionFor = (url: URL) => {
    const said = origins.of(url);
    return known(url.origin + wide + stampOf(said), async () => {
      const proxy = proxyFor(url)?.href;
      const listedOnly = proxy === undefined && (await insecure.byRange(url));
      return { proxy, trust: await trustOf(url), listedOnly, connectMs: said?.connectMs };
    });
  };
  return {
    connectionFor,
    mayBeInsecure,
    isProxied: (url) => proxyFor(url) !== undefined,
    showsClient: () => shown,
    wider: async (url, tried) => {
      if (tried.trust.ca !== undefined) return undefined;
      wide = true;
      return connectionFor(url);
    },
  };
}

/** Docker and containers/image take the port as it was written, so that 443 may stand there or not, containerd also as `host_5000_`; Docker Hub has its own name. */
function foldersOf(url: URL): readonly string[] {
  const port = url.port || '443';
  const names = [...(url.port === '' ? [url.host] : []), `${url.hostname}:${port}`, `${url.hostname}_${port}_`];
  return bare(url.hostname) === HUB_HOST ? [...names, 'docker.io'] : names;
}

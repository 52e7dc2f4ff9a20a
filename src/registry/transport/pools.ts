import { createSecureContext, type SecureContext } from 'node:tls';
import type { Zone } from '../addresses.ts';
import type { Connection, Trust } from '../connections.ts';
import type { Lookups } from './lookups.ts';
import type { Timeouts } from './network-error.ts';
import { basic } from './tokens.ts';
import { type Dispatcher, Pool, proxyAgent } from './undici.ts';

export interface PoolsOptions {
  /** Connections kept per origin: that many for blobs, and that many again for everything else. */
  readonly connections: number;
  readonly timeouts: Timeouts;
  readonly lookups: Lookups;
}

/** What a connection must be good for. */
export interface Need {
  readonly origin: URL;
  /** Blobs have connections of their own, so that small requests never wait behind them. */
  readonly bulk: boolean;
  /** The zone whose addresses may be connected to; any without. */
  readonly within: Zone | undefined;
}

/** Kept connections; two needs share one only if they are alike. */
export interface Pools {
  get(need: Need, connection: Connection): Dispatcher;
  close(): Promise<void>;
}

// With Node's 250 ms a registry that is far away and has several addresses is never reached.
const FAMILY_ATTEMPT_MS = 1000;

/** HTTP/1.1 connections, made when they are needed, through a proxy where there is one. */
export function createPools(options: PoolsOptions): Pools {
  const pools = new Map<Connection, Map<string, Dispatcher>>();
  const contexts = new WeakMap<Trust, SecureContext>();

  /** One context for all connections that trust the same: to parse every authority for each would cost tens of milliseconds a connection. */
  function contextOf(trust: Trust): SecureContext | undefined {
    const { ca, cert, key } = trust;
    if (!ca && !cert) return undefined;
    const known = contexts.get(trust) ?? createSecureContext({ ca: ca && [...ca], cert, key });
    contexts.set(trust, known);
    return known;
  }
  const tlsOf = (trust: Trust, timeout = options.timeouts.connectMs) => ({
    timeout,
    rejectUnauthorized: trust.rejectUnauthorized,
    secureContext: contextOf(trust),
  });

  function open({ origin, within }: Need, { proxy, trust, listedOnly, connectMs }: Connection): Dispatcher {
    const { connections, timeouts, lookups } = options;
    const limits = {
      connections,
      pipelining: 1,
      allowH2: false,
      headersTimeout: timeouts.headersMs,
      bodyTimeout: timeouts.bodyMs,
    };
    const family = { autoSelectFamily: true, autoSelectFamilyAttemptTimeout: FAMILY_ATTEMPT_MS };
    if (!proxy)
      return new Pool(origin.origin, {
        ...limits,
        connect: { ...tlsOf(trust, connectMs), ...family, lookup: lookups.within(within, listedOnly) },
      });
    const through = {
      ...limits,
      requestTls: tlsOf(trust, connectMs),
      factory: (to: string | URL, more: object) => new Pool(to, { ...more, ...limits }),
      clientFactory: (to: URL, more: object) => tunnelPool(to, { ...more, ...limits }, connectMs),
    };
    const url = new URL(proxy);
    if (url.protocol.startsWith('socks'))
      return proxyAgent({ ...through, uri: url.href.replace(/^socks5h:/, 'socks5:') });
    const token = loginOf(url);
    url.username = '';
    url.password = '';
    return proxyAgent({
      ...through,
      uri: url.href,
      ...(token === undefined ? {} : { token }),
      // Plain HTTP is asked of the proxy itself; only TLS is tunnelled.
      proxyTunnel: origin.protocol === 'https:',
      // The client certificate is the registry's to see, not the proxy's.
      proxyTls: { ...tlsOf({ ca: trust.ca, rejectUnauthorized: true }, connectMs), ...family },
    });
  }

  return {
    get(need, connection) {
      const mine = pools.get(connection) ?? new Map<string, Dispatcher>();
      pools.set(connection, mine);
      const key = `${need.origin.origin} ${need.bulk} ${need.within}`;
      const known = mine.get(key) ?? open(need, connection);
      mine.set(key, known);
      return known;
    },
    close: async () => {
      const all = [...pools.values()].flatMap((mine) => [...mine.values()]);
      await Promise.all(all.map((pool) => pool.destroy()));
    },
  };
}

function loginOf({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  return basic({ username: decodeURIComponent(username), password: decodeURIComponent(password) });
}

/** Connections to a proxy for tunnels; where it is said how long one may take to connect, a tunnel that takes longer is a connection that did not come about. */
function tunnelPool(to: URL, options: object, connectMs: number | undefined): Dispatcher {
  if (connectMs === undefined) return new Pool(to, options);
  const pool = new Pool(to, { ...options, headersTimeout: connectMs });
  const connect = pool.connect.bind(pool) as (params: unknown) => Promise<unknown>;
  const inTime = async (params: unknown) =>
    connect(params).catch((error) => {
      throw error.code === 'UND_ERR_HEADERS_TIMEOUT'
        ? Object.assign(error, { code: 'UND_ERR_CONNECT_TIMEOUT' })
        : error;
    });
  return Object.assign(pool, { connect: inTime as typeof pool.connect });
}

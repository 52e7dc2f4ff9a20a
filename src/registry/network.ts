import dns from 'node:dns';
import { PullError } from '../errors.ts';
import { bare } from './addresses.ts';
import { type Connections, createConnections } from './connections.ts';
import { createLocate, type Locate } from './endpoints.ts';
import { createInsecure } from './insecure.ts';
import { createOrigins, type Origins, ownHeaders } from './origins.ts';
import type { Knowledge } from './policy.ts';
import { type MachineFiles, NO_FILES } from './routes/machine-files.ts';
import { insecureHosts } from './routes/registries-conf.ts';
import { guard } from './transport/guard.ts';
import { createHttp } from './transport/http.ts';
import { createLookups } from './transport/lookups.ts';
import type { Timeouts } from './transport/network-error.ts';
import { createPools } from './transport/pools.ts';
import { createRanges } from './transport/ranges.ts';
import { compose, type Send } from './transport/transport.ts';

export interface NetworkOptions {
  /** For HTTPS_PROXY, SSL_CERT_FILE and their like. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Hosts, `host:port` and CIDRs that may do without TLS, or without a certificate that somebody vouches for. */
  readonly insecureRegistries: readonly string[];
  /** Instead of /etc/docker/certs.d and its like. */
  readonly certificateFolders?: readonly string[] | undefined;
  /** What other tools are told of registries; nothing by default. */
  readonly machineFiles?: MachineFiles | undefined;
  /** True if neither headers nor client certificates of the machine's files are ever sent. */
  readonly anonymous?: boolean | undefined;
  /** Connections per registry for blobs, and that many again for small requests. */
  readonly connections: number;
  readonly userAgent: string;
  /** Looks names up; `dns.lookup` by default. */
  readonly lookup?: typeof dns.lookup | undefined;
  readonly timeouts: Timeouts;
  readonly signal: AbortSignal;
}

/** The way to every host: what is sent goes where the policy lets it, through the proxy and with the certificates that are meant for it. */
export interface Network {
  readonly send: Send;
  readonly locate: Locate;
  /** Where a host lies, as far as it was looked up for connections. */
  readonly zoneOf: Knowledge['zoneOf'];
  /** How to connect, as plain data. */
  readonly connectionFor: Connections['connectionFor'];
  /**
   * True if the machine's files have something for the origin that tells who asks: headers, or a client certificate, be it only for a host that was asked on the way.
   * Never throws.
   */
  hasOwnLogin(url: URL): Promise<boolean>;
  /** Told of what connections to an origin need. */
  readonly origins: Origins;
  /** Ends every connection; what is still under way fails as cancelled. */
  close(): Promise<void>;
}

/** The network of one client; nothing is read, looked up or sent before something is asked. */
export function createNetwork(options: NetworkOptions): Network {
  const {
    environment,
    certificateFolders,
    connections: limit,
    userAgent,
    timeouts,
    signal,
    lookup = dns.lookup,
    machineFiles = NO_FILES,
    anonymous,
  } = options;
  const insecure = createInsecure(options.insecureRegistries, lookup, async () =>
    insecureHosts(await machineFiles.rules()),
  );
  const origins = createOrigins(anonymous);
  const lookups = createLookups(insecure.listsAddress, lookup);
  const connections = createConnections({ environment, insecure, certificateFolders, anonymous, origins });
  const pools = createPools({ connections: limit, timeouts, lookups });
  const known: Knowledge = {
    zoneOf: lookups.zoneOf,
    mayBePlain: insecure.maybePlain,
    isListed: insecure.lists,
  };
  const ranges = createRanges({ userAgent, timeouts, lookups, signal });
  const http = createHttp({ pools, connections, ranges, userAgent, timeouts, signal });
  const probe = (url: URL, subject: string): Promise<boolean> | undefined =>
    connections.isProxied(url) ? answers(http, url, subject) : undefined;
  return {
    send: compose(guard(known), ownHeaders(origins))(http),
    locate: createLocate({ mayBeInsecure: connections.mayBeInsecure, probe, lookup, timeouts, signal }),
    zoneOf: lookups.zoneOf,
    connectionFor: connections.connectionFor,
    hasOwnLogin: async (url) => {
      if (Object.keys(origins.of(url)?.headers ?? {}).length > 0) return true;
      // What cannot be found out is better held for one.
      return connections.connectionFor(url).then(connections.showsClient, () => true);
    },
    origins,
    close: async () => {
      ranges.close();
      await pools.close();
    },
  };
}

/** True if something answers over TLS, whatever it says; false if no connection of that kind comes about. */
async function answers(send: Send, url: URL, subject: string): Promise<boolean> {
  const purpose = { kind: 'manifest', domain: bare(url.hostname), repository: subject, target: subject } as const;
  try {
    const answer = await send({ method: 'HEAD', url: new URL('/v2/', url), headers: {}, purpose, limit: 1024 });
    await answer.discard();
    return true;
  } catch (error) {
    if (error instanceof PullError && (error.code === 'UNREACHABLE' || isNoHandshake(error.cause))) return false;
    throw error;
  }
}

/** Node tells in words alone that a connection ended before its handshake did. */
function isNoHandshake(cause: unknown): boolean {
  return String(cause).includes('before secure TLS connection');
}

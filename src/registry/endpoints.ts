import type { LookupFunction } from 'node:net';
import { connect } from 'node:tls';
import { cancelled, PullError } from '../errors.ts';
import { once } from '../lib/pool.ts';
import { bare } from './addresses.ts';
import { networkError, type Timeouts } from './transport/network-error.ts';

export interface EndpointOptions {
  /** True for hosts that may do without TLS, or without a certificate that somebody vouches for. */
  readonly mayBeInsecure: (url: URL) => Promise<boolean>;
  /** Tries TLS where no socket can, as behind a proxy: true if something answers. Undefined for a host that is reached directly. */
  readonly probe?: ((url: URL, subject: string) => Promise<boolean> | undefined) | undefined;
  /** Looks names up; `dns.lookup` by default. */
  readonly lookup?: LookupFunction | undefined;
  readonly timeouts: Timeouts;
  readonly signal: AbortSignal;
}

/** Where a registry answers: an origin. Throws UNREACHABLE about the subject if that must be tried out and nobody answers. */
export type Locate = (domain: string, subject: string) => Promise<URL>;

const HUB_HOST = 'registry-1.docker.io';
const HANDSHAKE_MS = 3000;

/**
 * HTTPS for every registry, Docker Hub at its own host. Only a registry on the loopback interface, or one that is listed as insecure, may do without: one
 * TLS handshake per host tells whether it speaks TLS, then with any certificate, or plain HTTP. What spoke TLS once is never asked without it.
 */
export function createLocate(options: EndpointOptions): Locate {
  const speaksTls = once<boolean>();
  return async (domain, subject) => {
    const url = originOf(domain, subject);
    if (!(await options.mayBeInsecure(url))) return url;
    try {
      const tls = await speaksTls(url.host, () => options.probe?.(url, subject) ?? tryTls(url, options));
      return tls ? url : plain(domain);
    } catch (error) {
      throw networkError(error, { subject, host: url.host, ...options });
    }
  };
}

/** The origin of a registry over TLS; throws REFERENCE_INVALID about the subject if it is none. */
export function originOf(domain: string, subject: string): URL {
  const text = `https://${domain === 'docker.io' ? HUB_HOST : domain}/`;
  if (URL.canParse(text)) return new URL(text);
  throw new PullError('REFERENCE_INVALID', subject, `${domain} is not the address of a registry`);
}

/** Not by changing the protocol: a port 443 that was written out would be lost as the default of https. */
function plain(domain: string): URL {
  return new URL(`http://${domain}/`);
}

/** True after a TLS handshake, false if the host answers but not like that; rejects if nobody listens. */
function tryTls(url: URL, { signal, timeouts, lookup }: EndpointOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const port = Number(url.port || 443);
    const host = bare(url.hostname);
    const socket = connect({ host, port, lookup, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] });
    let connected = false;
    const settle = (outcome: () => void) => {
      signal.removeEventListener('abort', abort);
      clearTimeout(timer);
      socket.destroy();
      outcome();
    };
    const abort = () => settle(() => reject(cancelled()));
    // A server that waits for a line of HTTP never answers a handshake.
    const timer = setTimeout(() => settle(() => resolve(false)), Math.min(HANDSHAKE_MS, timeouts.connectMs));
    signal.addEventListener('abort', abort);
    socket.on('connect', () => {
      connected = true;
    });
    socket.on('secureConnect', () => settle(() => resolve(true)));
    socket.on('error', (error) => settle(() => (connected || isBareHost(url) ? resolve(false) : reject(error))));
    socket.on('close', () => settle(() => resolve(false)));
    if (signal.aborted) abort();
  });
}

/** `localhost` with no port may be found at 443 or else at 80, as Docker does. */
function isBareHost(url: URL): boolean {
  return url.port === '';
}

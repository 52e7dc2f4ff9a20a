import { STATUS_CODES } from 'node:http';
import { PullError } from '../../errors.ts';
import type { Where } from './network-error.ts';

/** What OpenSSL says of a certificate whose authority it does not have. */
const UNKNOWN_AUTHORITY = new Set([
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);
const PASSING = new Set([408, 429, 500, 502, 503, 504]);

/** True if no connection came about because nobody here vouches for the certificate. */
export function isUnknownAuthority(error: unknown): boolean {
  return typeof error === 'object' && error !== null && UNKNOWN_AUTHORITY.has((error as { code?: string }).code ?? '');
}

/** The host of a proxy as people write it, without its login. */
export function proxyHost(proxy: string): string {
  return new URL(proxy).host;
}

/** UNREACHABLE if the proxy refused to connect; undici tells of that in words alone. */
export function proxyRefusal(error: unknown, where: Where): PullError | undefined {
  const status = /Error: Proxy (?:response|Authentication Required) \((\d+)\)/.exec(String(error))?.[1];
  return status === undefined ? undefined : proxyStatus(Number(status), where, error);
}

/** The proxy's own status, which is never the registry's. */
function proxyStatus(status: number, { subject, host }: Where, cause?: unknown): PullError {
  const reason = `cannot reach ${host}: the proxy answered ${status} ${STATUS_CODES[status] ?? ''}`.trim();
  const hint =
    status === 407
      ? 'Write its login into the variable: HTTPS_PROXY=http://user:password@host:port.'
      : 'Ask who runs the proxy, or name the registry in NO_PROXY if it can be reached without.';
  return new PullError('UNREACHABLE', subject, reason, { hint, temporary: PASSING.has(status), cause });
}

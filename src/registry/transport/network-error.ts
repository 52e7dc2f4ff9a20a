import { cancelled, PullError } from '../../errors.ts';
import { clean } from '../../lib/clean.ts';
import { formatSeconds } from '../../lib/format.ts';

/** How long each phase of an exchange may take without progress, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number;
  readonly headersMs: number;
  readonly bodyMs: number;
}

/** Where a failed exchange went, and what it was about. */
export interface Where {
  readonly subject: string;
  readonly host: string;
  readonly timeouts: Timeouts;
  readonly signal: AbortSignal;
}

const NO_CONNECTION: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name could not be looked up',
  ENETUNREACH: 'no route to the network',
  EHOSTUNREACH: 'no route to the host',
  EADDRNOTAVAIL: 'no route to the host',
};
const BROKEN = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);
const CLOSED = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);
const CERTIFICATE = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|ERR_TLS_CERT)/;
const TLS = /^(?:EPROTO$|ERR_SSL_|ERR_TLS_)/;

const HINT_REACH = 'Check the name of the registry, and whether this machine may reach it.';
const HINT_CERTIFICATE =
  'If the registry has a certificate of a private authority, name its file in NODE_EXTRA_CA_CERTS.';
const HINT_TLS = 'Only registries on the loopback interface may speak plain HTTP.';

/**
 * What went wrong below HTTP, as a PullError: CANCELLED once the signal is aborted, UNREACHABLE if no connection came about, UNAVAILABLE if one
 * broke or stalled, REGISTRY_ANSWER if what came was not HTTP. A PullError comes back as it is.
 */
export function networkError(error: unknown, where: Where): PullError {
  if (where.signal.aborted) return cancelled();
  if (error instanceof PullError) return error;
  const code = codeOf(error);
  const { subject, host, timeouts } = where;
  const unreachable = (reason: string, hint: string, temporary: boolean) =>
    new PullError('UNREACHABLE', subject, `cannot reach ${host}: ${reason}`, { hint, temporary, cause: error });
  const broken = (reason: string) =>
    new PullError('UNAVAILABLE', subject, `${host}: ${reason}`, { temporary: true, cause: error });

  const reason = NO_CONNECTION[code];
  if (reason) return unreachable(reason, HINT_REACH, true);
  if (code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT')
    return unreachable(`timed out after ${formatSeconds(timeouts.connectMs / 1000)}`, HINT_REACH, true);
  if (CERTIFICATE.test(code))
    return unreachable(`its certificate is not valid here (${code})`, HINT_CERTIFICATE, false);
  if (TLS.test(code)) return unreachable(`it does not speak TLS as expected (${code})`, HINT_TLS, false);
  if (code === 'UND_ERR_HEADERS_TIMEOUT')
    return broken(`no answer, timed out after ${formatSeconds(timeouts.headersMs / 1000)}`);
  if (code === 'UND_ERR_BODY_TIMEOUT')
    return broken(`no data, timed out after ${formatSeconds(timeouts.bodyMs / 1000)}`);
  if (BROKEN.has(code)) return broken('the connection broke');
  if (CLOSED.has(code)) return cancelled();
  if (code.startsWith('HPE_') || code === 'UND_ERR_HEADERS_OVERFLOW')
    return new PullError('REGISTRY_ANSWER', subject, `${host} did not answer in HTTP (${code})`, { cause: error });
  return broken(clean(error instanceof Error ? error.message : String(error), 200));
}

/** The code of an error or of what caused it: of several addresses tried, undici and Node name the first. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return codeOf(error.cause);
}

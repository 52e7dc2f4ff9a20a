import { cancelled, PullError } from '../../errors.ts';
import { clean } from '../../lib/clean.ts';
import { formatSeconds } from '../../lib/format.ts';
import { keepingPace } from './body.ts';
import { INSIDE, UNLISTED } from './lookups.ts';
import { LEAST_BYTES, slowWords } from './pace.ts';

const HINT_INSIDE = 'If that is meant to be, list the host in insecure-registries.';

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
/** The name of what undici throws; it leaves the code out. */
const NOT_HTTP = 'HTTPParserError';
const CERTIFICATE = /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|ERR_TLS_CERT)/;
const TLS = /^(?:EPROTO$|ERR_SSL_|ERR_TLS_)/;

/** The other side said nothing for as long as it is waited for. */
const SILENT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

const HINT_REACH = 'Check the name of the registry, and whether this machine may reach it.';
const HINT_UNLISTED = 'If that is meant to be, list the registry by its name.';
const HINT_CERTIFICATE =
  'If it has a certificate of a private authority, add that to the system, or name its file in SSL_CERT_FILE; or list the host in insecure-registries.';
const HINT_TLS = 'Plain HTTP is for registries on the loopback interface and for those in insecure-registries.';

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

  if (code === INSIDE)
    return new PullError('REDIRECT_REFUSED', subject, `${messageOf(error)}, where nobody else may send us`, {
      hint: HINT_INSIDE,
    });
  if (code === UNLISTED) return unreachable(messageOf(error), HINT_UNLISTED, false);
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
  if (code === NOT_HTTP || code === 'UND_ERR_HEADERS_OVERFLOW')
    return new PullError('REGISTRY_ANSWER', subject, `${host} did not answer in HTTP`, {
      temporary: true,
      cause: error,
    });
  return broken(clean(messageOf(error), 200));
}

/** True if what failed, or what that came from, is that the other side said nothing for as long as it is waited for. */
export function isSilence(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return SILENT.has(String(code)) || isSilence(cause);
}

const MOST_INTERIM = 32;
/** A small answer must be whole within so many times that time. */
const MOST_WINDOWS = 10;

/** The body, its failures as PullErrors; UNAVAILABLE also if it trickles so slowly that it would never end. */
export async function* guarded(
  body: AsyncIterable<Uint8Array>,
  where: Where,
  { whole = false } = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const { bodyMs } = where.timeouts;
  const totalMs = whole ? bodyMs * MOST_WINDOWS : undefined;
  const tooSlow = (bytes: number, ms: number) =>
    new PullError('UNAVAILABLE', where.subject, `${where.host}: ${slowWords(bytes, ms)}`, { temporary: true });
  try {
    yield* keepingPace(body, { bytes: LEAST_BYTES, windowMs: bodyMs, totalMs }, tooSlow);
  } catch (error) {
    throw networkError(error, where);
  }
}

/** Counts the interim answers (1xx) before the one that was asked for; throws UNAVAILABLE beyond 32, for each of them starts the time limit anew. */
export function interimLimit({ subject, host }: Where): () => void {
  let left = MOST_INTERIM;
  return () => {
    left -= 1;
    if (left >= 0) return;
    const reason = `${host}: more than ${MOST_INTERIM} interim answers, and none to what was asked`;
    throw new PullError('UNAVAILABLE', subject, reason, { temporary: true });
  };
}

/** The code of an error or of what caused it; where several addresses were tried, that of the first. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { code, name, errors, cause } = error as { code?: unknown; name?: unknown; errors?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  if (name === NOT_HTTP) return name;
  return codeOf(Array.isArray(errors) ? errors[0] : cause);
}

function messageOf(error: unknown): string {
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : undefined;
  return String(message || error);
}

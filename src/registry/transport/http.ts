import { Readable } from 'node:stream';
import { cancelled, PullError } from '../../errors.ts';
import { oneChunk } from '../../lib/one-chunk.ts';
import type { Connection, Connections } from '../connections.ts';
import { takeBytes } from './body.ts';
import { guarded, interimLimit, networkError, type Timeouts, type Where } from './network-error.ts';
import type { Pools } from './pools.ts';
import { isUnknownAuthority, proxyHost, proxyRefusal } from './proxy-error.ts';
import type { Ranges } from './ranges.ts';
import type { HttpRequest, HttpResponse, Send } from './transport.ts';
import { request as ask, type Dispatcher } from './undici.ts';

export interface HttpOptions {
  readonly pools: Pools;
  readonly connections: Connections;
  readonly userAgent: string;
  readonly timeouts: Timeouts;
  readonly signal: AbortSignal;
  /** What is asked before the library is, where nothing but a plain answer is expected. */
  readonly ranges?: Ranges | undefined;
}

const RAW = { objectMode: false };
const ERROR_PAGE = 64 * 1024;
const DISCARD_MS = 1000;

/**
 * The network: HTTP/1.1 over kept connections, one exchange at a time, nothing followed, nothing retried, nothing decoded. A certificate that Node does not know
 * is tried once more with every authority of this machine. Every failure is a PullError, and CANCELLED as soon as the signal is aborted.
 */
export function createHttp(options: HttpOptions): Send {
  const { connections, signal } = options;
  return async (request) => {
    const { url } = request;
    if (signal.aborted) throw cancelled();
    const connection = await connections.connectionFor(url);
    const plain = request.plain ? await options.ranges?.send(request, connection) : undefined;
    if (plain) return plain;
    try {
      return await exchange(request, connection, options);
    } catch (error) {
      const wider = isUnknownAuthority(error) ? await connections.wider(url, connection) : undefined;
      if (!wider) throw networkError(error, whereOf(request, connection, options));
      return await exchange(request, wider, options).catch((again) => {
        throw networkError(again, whereOf(request, wider, options));
      });
    }
  };
}

/** Throws what undici throws, before the answer; what breaks afterwards is a PullError. */
async function exchange(request: HttpRequest, connection: Connection, options: HttpOptions): Promise<HttpResponse> {
  const { signal, userAgent, pools, timeouts } = options;
  const { url, method, limit, within, ends } = request;
  const where = whereOf(request, connection, options);
  const pool = pools.get({ origin: url, bulk: request.bulk ?? limit === undefined, within }, connection);
  const answer = await ask(pool, {
    path: url.pathname + url.search,
    method,
    headers: { ...request.headers, 'user-agent': userAgent, 'accept-encoding': 'identity' },
    body: typeof request.body === 'function' ? Readable.from(request.body(), RAW) : (request.body ?? null),
    signal: ends ? AbortSignal.any([signal, ends]) : signal,
    // Pools have them too, but not the one behind a SOCKS proxy.
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.bodyMs,
    // Otherwise undici ends the connection after each HEAD.
    reset: false,
    onInfo: interimLimit(where),
    origin: url.origin,
  }).catch((error: unknown) => {
    throw proxyRefusal(error, where) ?? error;
  });
  const { statusCode: status, headers } = answer;
  const body = limit === undefined ? guarded(answer.body, where) : await whole(answer, limit, where);
  return { status, headers, url, body, discard: () => discard(answer.body), abort: () => void answer.body.destroy() };
}

function whereOf({ url, purpose }: HttpRequest, { proxy, connectMs }: Connection, options: HttpOptions): Where {
  const { signal } = options;
  const timeouts = { ...options.timeouts, ...(connectMs === undefined ? {} : { connectMs }) };
  const host = proxy === undefined ? url.host : `${url.host} through the proxy ${proxyHost(proxy)}`;
  return { subject: purpose.repository, host, timeouts, signal };
}

type Body = Dispatcher.ResponseData['body'];

async function whole({ body, statusCode }: Dispatcher.ResponseData, limit: number, where: Where) {
  const ok = statusCode < 300;
  const { bytes, cut } = await takeBytes(guarded(body, where, { whole: true }), ok ? limit : ERROR_PAGE);
  if (cut && ok)
    throw new PullError(
      'REGISTRY_ANSWER',
      where.subject,
      `${where.host} sent more than the ${limit} bytes that are allowed here`,
    );
  return oneChunk(bytes);
}

async function discard(body: Body): Promise<void> {
  // What nobody reads may trickle for ever, or break: the connection goes, and that is all.
  if (!body.destroyed) await body.dump({ limit: ERROR_PAGE, signal: AbortSignal.timeout(DISCARD_MS) }).catch(() => {});
}

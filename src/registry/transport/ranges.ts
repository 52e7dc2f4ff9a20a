import { isIP, type LookupFunction } from 'node:net';
import type { Zone } from '../addresses.ts';
import type { Connection } from '../connections.ts';
import type { Lookups } from './lookups.ts';
import { isSilence, networkError, type Timeouts } from './network-error.ts';
import { listenTo, type RangeBody } from './range-body.ts';
import { orderRange, type RangeOrder } from './range-order.ts';
import { openRangeSocket, type RangeSocket } from './range-socket.ts';
import type { HttpRequest, HttpResponse } from './transport.ts';

export interface RangesOptions {
  readonly userAgent: string;
  readonly timeouts: Timeouts;
  readonly signal: AbortSignal;
  readonly lookups: Pick<Lookups, 'within'>;
}

/** Plain answers to closed ranges, over connections kept for them. */
export interface Ranges {
  /** The answer if it says its length plainly; undefined, for a proxy and for certificates of one's own at once, if the library is to ask again and to understand what comes. */
  send(request: HttpRequest, connection: Connection): Promise<HttpResponse | undefined>;
  close(): void;
}

/** What may stand in a request as it is. */
const SAFE = /^[\t\x20-\x7e]*$/;

/**
 * Closed ranges of blobs over bare connections, where the library would cost more time than the network: the bytes go from the socket into the buffers that are
 * written to the disk. Only what every server sends is understood here; transfer codings, other versions and proxies never are.
 */
export function createRanges(options: RangesOptions): Ranges {
  const { signal, timeouts } = options;
  const lines = new Set<RangeSocket>();
  const idle = new Map<string, RangeSocket[]>();

  async function lineTo(
    { url, within, ends }: HttpRequest,
    { trust, listedOnly, connectMs = timeouts.connectMs }: Connection,
  ): Promise<RangeSocket | undefined> {
    const free = idle.get(keyOf(url, within)) ?? [];
    for (let line = free.pop(); line; line = free.pop()) if (!line.socket.destroyed) return line;
    const vouched = trust.rejectUnauthorized;
    const lookup = options.lookups.within(within, listedOnly);
    const line = { url, connectMs, silenceMs: timeouts.bodyMs, vouched, lookup, ends };
    // Why none comes about is for the library to find out.
    const opened = await openRangeSocket(line, signal).catch(() => undefined);
    if (!opened) return undefined;
    lines.add(opened);
    opened.socket.once('close', () => lines.delete(opened));
    return opened;
  }

  function keep({ url, within }: HttpRequest, line: RangeSocket): void {
    const key = keyOf(url, within);
    idle.set(key, [...(idle.get(key) ?? []), line]);
  }

  /** Has a thread do it, with the addresses that the guard here let pass. */
  async function order(request: HttpRequest, text: string, connection: Connection) {
    const { url, within, into, ends } = request;
    if (!into) return undefined;
    const { trust, listedOnly, connectMs = timeouts.connectMs } = connection;
    const addresses = await addressesOf(url, options.lookups.within(within, listedOnly)).catch(() => undefined);
    if (!addresses) return undefined;
    const vouched = trust.rejectUnauthorized;
    const { filler, start, end, size } = into;
    const what: RangeOrder = {
      ...{ url: url.href, addresses, key: `${keyOf(url, within)} ${vouched}`, vouched, text, start, end },
      contentRange: `bytes ${start}-${end - 1}/${size}`,
      connectMs,
      silenceMs: timeouts.bodyMs,
    };
    return orderRange(filler, what, url, { ...whereOf(request), ends });
  }

  const whereOf = ({ url, purpose }: HttpRequest) => ({
    subject: purpose.repository,
    host: url.host,
    timeouts,
    signal,
  });

  /** The head of the answer; undefined if the library is to ask again. */
  async function headOn(line: RangeSocket, coming: RangeBody, request: HttpRequest) {
    const abort = () => void line.socket.destroy();
    request.ends?.addEventListener('abort', abort);
    if (request.ends?.aborted) abort();
    try {
      return await coming.head;
    } catch (error) {
      // The library would wait for the same silence to end. A connection that was kept too long is closed without a word; whatever else it was, it will see it too.
      if (isSilence(error)) throw networkError(error, whereOf(request));
      return undefined;
    } finally {
      request.ends?.removeEventListener('abort', abort);
    }
  }

  async function* body(request: HttpRequest, line: RangeSocket, bytes: AsyncIterable<Uint8Array>, kept: boolean) {
    try {
      yield* bytes;
    } catch (error) {
      throw networkError(error, whereOf(request));
    }
    if (kept) keep(request, line);
    else line.socket.destroy();
  }

  return {
    async send(request, connection) {
      const { url } = request;
      const { proxy, trust } = connection;
      if (proxy !== undefined || trust.ca || trust.cert) return undefined;
      const text = headOf(request, options.userAgent);
      if (request.into && text !== undefined) return order(request, text, connection);
      const line = text === undefined ? undefined : await lineTo(request, connection);
      if (!line || text === undefined) return undefined;
      const coming = listenTo(line, timeouts.bodyMs, (head) =>
        Object.assign(new Error('silence'), { code: head ? 'UND_ERR_BODY_TIMEOUT' : 'UND_ERR_HEADERS_TIMEOUT' }),
      );
      line.socket.write(text, 'latin1');
      const answer = await headOn(line, coming, request);
      if (!answer) {
        line.socket.destroy();
        return undefined;
      }
      const { status, headers } = answer.head;
      const kept = !/close/i.test(String(headers.connection ?? ''));
      const abort = () => void line.socket.destroy();
      return {
        status,
        headers,
        url,
        body: body(request, line, coming.bytes(), kept),
        discard: async () => abort(),
        abort: () => line.listener && abort(),
      };
    },
    close() {
      for (const { socket } of lines) socket.destroy();
    },
  };
}

/** Connections of different zones are never exchanged. */
const keyOf = (url: URL, within: Zone | undefined): string => `${url.origin} ${within}`;

/** What the name of the URL stands for; nothing if it is an address. */
async function addressesOf({ hostname }: URL, lookup: LookupFunction): Promise<RangeOrder['addresses']> {
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isIP(host)) return [];
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, found) => {
      if (error || typeof found === 'string') reject(error);
      else resolve(found.map(({ address, family }) => ({ address, family })));
    });
  });
}

function headOf({ url, method, headers }: HttpRequest, userAgent: string): string | undefined {
  const all = { host: url.host, ...headers, 'user-agent': userAgent, 'accept-encoding': 'identity' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  const text = [`${method} ${url.pathname}${url.search} HTTP/1.1`, ...lines];
  return text.every((line) => SAFE.test(line)) ? `${text.join('\r\n')}\r\n\r\n` : undefined;
}

import { newBell } from '../../lib/bell.ts';
import { newDeferred } from '../../lib/deferred.ts';
import type { Filler } from '../../ports.ts';
import { networkError, type Where } from './network-error.ts';
import type { RangeRefusal } from './range-refusal.ts';
import type { HttpResponse } from './transport.ts';

/** One closed range for a thread to ask for: plain data. */
export interface RangeOrder {
  readonly url: string;
  /** What the names of the URL were looked up as, none if it has an address in it. */
  readonly addresses: readonly { readonly address: string; readonly family: number }[];
  /** Orders with the same key may use the same connection. */
  readonly key: string;
  readonly vouched: boolean;
  /** The whole request. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The only `Content-Range` that is understood. */
  readonly contentRange: string;
  readonly connectMs: number;
  readonly silenceMs: number;
}

/**
 * Has the filler bring a range; undefined if the library is to ask instead. The answer has no body, but tells how far its bytes are in the file; a refusal is an
 * answer like any other. Throws what kept the answer from beginning if the library would fare no better.
 */
export async function orderRange(
  filler: Filler,
  order: RangeOrder,
  url: URL,
  where: Where & { readonly ends?: AbortSignal | undefined },
): Promise<HttpResponse | undefined> {
  const signal = where.ends ? AbortSignal.any([where.signal, where.ends]) : where.signal;
  let landed = order.start;
  let over: { readonly error?: unknown } | undefined;
  let refusal: RangeRefusal | undefined;
  const bell = newBell();
  const end = (error?: unknown) => {
    over ??= { error };
    signal.removeEventListener('abort', abort);
    bell.ring();
  };
  const begun = newDeferred<boolean>();
  const breakOff = filler.bring(order, (told) => {
    if (told.type === 'landed') landed = told.to;
    if (told.type === 'begun') begun.resolve(true);
    if (told.type === 'refused') {
      refusal = told.answer as RangeRefusal | undefined;
      end();
    }
    if (told.type === 'over') end(told.error && Object.assign(new Error(told.error.message), told.error));
    if (over) begun.resolve(false);
    bell.ring();
  });
  function abort(): void {
    if (over) return;
    breakOff();
    end(new Error('broken off'));
    begun.resolve(false);
  }
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();

  async function* positions(): AsyncGenerator<number, void, undefined> {
    try {
      for (let told = order.start; ; ) {
        if (landed > told) {
          told = landed;
          yield told;
        } else if (over?.error !== undefined) throw networkError(over.error, where);
        else if (over) return;
        else await bell.next();
      }
    } finally {
      abort();
    }
  }

  if (!(await begun.promise)) {
    if (over?.error !== undefined) throw networkError(over.error, where);
    return refusal && refused(refusal, url);
  }
  return {
    status: 206,
    headers: { 'content-range': order.contentRange },
    url,
    body: (async function* () {})(),
    landed: positions(),
    discard: async () => abort(),
    abort,
  };
}

/** It has come whole: there is nothing to end. */
function refused({ status, headers, body }: RangeRefusal, url: URL): HttpResponse {
  const words = async function* () {
    yield body;
  };
  return { status, headers, url, body: words(), discard: async () => {}, abort: () => {} };
}

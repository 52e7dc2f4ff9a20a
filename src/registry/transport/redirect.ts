import type { PullError } from '../../errors.ts';
import { type Sender, sharesCredentials } from '../policy.ts';
import { refused } from './guard.ts';
import { type HttpRequest, type HttpResponse, header, isSentOn, type Wrap } from './transport.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_HOPS = 5;
/** Headers that say what is asked for and what is sent; all others may be meant for the first origin alone. */
const TRAVELS = /^(?:accept|range|content-(?:type|length|range))$/;

/**
 * Follows at most five redirects, each with the one that sent it on as its sender; Authorization, and whatever else is not about the
 * content, stays at the first origin (scheme, host and port) and does not come back. Throws REDIRECT_REFUSED.
 */
export function redirect(): Wrap {
  return (next) => async (first) => {
    let request = first;
    for (let hop = 0; ; hop += 1) {
      const response = await next(request);
      const target = location(response);
      if (!target) return response;
      await response.discard();
      // A Location is relative to what it is the answer to.
      const to = URL.canParse(target, request.url.href) ? new URL(target, request.url) : target;
      if (hop === MAX_HOPS) throw refusedHop(first, to, `more than ${MAX_HOPS} redirects`);
      request = redirected(request, target, first);
    }
  };
}

function location(response: HttpResponse): string | undefined {
  return REDIRECTS.has(response.status) ? header(response.headers, 'location') : undefined;
}

function redirected(request: HttpRequest, target: string, first: HttpRequest): HttpRequest {
  if (!URL.canParse(target, request.url.href)) throw refusedHop(first, target, 'its Location is not a URL');
  const url = new URL(target, request.url);
  const sender: Sender = { url: request.url, via: 'redirect' };
  const strayed = isSentOn(request);
  if (sharesCredentials(request.url, url)) return { ...request, url, sender, strayed };
  if (request.sameOrigin) throw refusedHop(first, url, 'it leads to another origin');
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => TRAVELS.test(name)));
  return { ...request, url, headers, sender, strayed };
}

function refusedHop(first: HttpRequest, target: string | URL, reason: string): PullError {
  return refused(first, target, { url: first.url, via: 'redirect' }, reason);
}

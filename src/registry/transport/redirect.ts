import { PullError } from '../../errors.ts';
import { redactUrl } from '../../lib/redact.ts';
import { isPrivate } from '../addresses.ts';
import { type HttpRequest, type HttpResponse, header, type Wrap } from './transport.ts';

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MAX_HOPS = 5;

/**
 * Why one side may not send us to another, or undefined if it may: only HTTP, never from TLS to plain text, never from a public host to an address
 * of this machine or its network. The rule for redirects and for the realms of token servers.
 */
export function refusal(from: URL, to: URL): string | undefined {
  if (to.protocol !== 'http:' && to.protocol !== 'https:') return `${to.protocol} is neither https: nor http:`;
  if (from.protocol === 'https:' && to.protocol === 'http:') return 'it leads from https: to http:';
  if (isPrivate(to.hostname) && !isPrivate(from.hostname)) return `${to.hostname} is an address of a private network`;
  return undefined;
}

/** Follows at most five redirects; Authorization stays at the first origin (scheme, host and port) and does not come back. Throws REDIRECT_REFUSED. */
export function redirect(): Wrap {
  return (next) => async (first) => {
    let request = first;
    for (let hop = 0; ; hop += 1) {
      const response = await next(request);
      const target = location(response);
      if (!target) return response;
      await response.discard();
      if (hop === MAX_HOPS) throw refused(first, target, `more than ${MAX_HOPS} redirects`);
      request = redirected(request, target, first);
    }
  };
}

function location(response: HttpResponse): string | undefined {
  return REDIRECTS.has(response.status) ? header(response.headers, 'location') : undefined;
}

function redirected(request: HttpRequest, target: string, first: HttpRequest): HttpRequest {
  if (!URL.canParse(target, request.url.href)) throw refused(first, target, 'its Location is not a URL');
  const url = new URL(target, request.url);
  const leaves = url.origin !== request.url.origin;
  const reason = leaves && request.sameOrigin ? 'it leads to another origin' : refusal(request.url, url);
  if (reason) throw refused(first, url, reason);
  if (!leaves) return { ...request, url };
  const { authorization: _, ...headers } = request.headers;
  return { ...request, url, headers };
}

function refused({ purpose, url }: HttpRequest, target: string | URL, reason: string): PullError {
  const what = `a redirect by ${url.host} to ${redactUrl(target)} is not followed: ${reason}`;
  return new PullError('REDIRECT_REFUSED', purpose.repository, what);
}

import { PullError } from '../../errors.ts';
import type { Credential } from '../credentials.ts';
import { parseChallenges, usableChallenges } from './challenge.ts';
import { Door, type DoorOptions, withAuthorization } from './door.ts';
import { fetchToken, realmOf } from './fetch-token.ts';
import { type HttpRequest, type HttpResponse, headerValues, type Send, type Wrap } from './transport.ts';

export interface AuthorizeOptions extends DoorOptions {
  /** Whom to be; asked at the first request. */
  readonly credential: () => Promise<Credential | undefined>;
  /** Told when the registry refused the login and gave what was asked for without it. */
  readonly onRefusedLogin?: (login: Credential) => void;
  /** True if nothing may be done as nobody where there is a login. */
  readonly strict?: boolean | undefined;
}

/**
 * Answers the challenges of one repository. The first request goes out bare; once challenged, it and all later ones carry what was asked for. Where a login is
 * refused before it ever opened anything, for it is stale while the image may be public, the request is sent once as nobody: if that is no better either, the
 * refusal of the login stands. Credentials and tokens go to the registry's own origin alone.
 */
export function authorize(options: AuthorizeOptions): Wrap {
  return (next) => {
    const bare = elsewhere(options, next);
    const nobody = new Door(options, undefined, bare);
    let named: Promise<Named | undefined> | undefined;
    const identify = async (): Promise<Named | undefined> => {
      const credential = await options.credential();
      return (
        credential && {
          credential,
          door: new Door(options, credential, bare),
          state: options.strict ? 'kept' : 'untried',
        }
      );
    };
    return async (request) => {
      named ??= identify();
      const login = await named;
      return login && login.state !== 'dropped' ? sendAs(login, nobody, request, options) : nobody.send(request);
    };
  };
}

/** A login at its door: `dropped` once nobody gets further, `kept` once nobody gets no further either. */
interface Named {
  readonly credential: Credential;
  readonly door: Door;
  state: 'untried' | 'kept' | 'dropped';
}

async function sendAs(
  login: Named,
  nobody: Door,
  request: HttpRequest,
  { onRefusedLogin }: AuthorizeOptions,
): Promise<HttpResponse> {
  const { door, credential } = login;
  const first = await attempt(() => door.send(request));
  if (login.state === 'kept' || door.opened || !isRefused(first, request)) return unwrap(first);
  if (door.isForLogins) {
    login.state = 'kept';
    return unwrap(first);
  }
  nobody.learnFrom(door);
  const second = await attempt(() => nobody.send(request));
  if (isRefused(second, request) && !credential.optional) {
    login.state = 'kept';
    if ('response' in second) await second.response.discard();
    return unwrap(first);
  }
  if ('response' in first) await first.response.discard();
  const answer = unwrap(second);
  login.state = 'dropped';
  if (!credential.optional) onRefusedLogin?.(credential);
  return answer;
}

type Attempt = { readonly response: HttpResponse } | { readonly error: unknown };

async function attempt(task: () => Promise<HttpResponse>): Promise<Attempt> {
  try {
    return { response: await task() };
  } catch (error) {
    return { error };
  }
}

function unwrap(attempted: Attempt): HttpResponse {
  if ('error' in attempted) throw attempted.error;
  return attempted.response;
}

/** True if the registry, or its token server, does not let this identity in. */
function isRefused(attempted: Attempt, request: HttpRequest): boolean {
  if ('error' in attempted)
    return attempted.error instanceof PullError && ['UNAUTHORIZED', 'DENIED'].includes(attempted.error.code);
  const { status, url } = attempted.response;
  return (status === 401 || status === 403) && url.origin === request.url.origin;
}

/**
 * Lets in where a redirect leads to another registry that wants a token (lscr.io to ghcr.io): one is fetched as nobody, for that one request. A storage host
 * is none: a 401 there is about the signed URL, and nothing is answered.
 */
function elsewhere({ scope, tokens, now }: DoorOptions, next: Send): Send {
  return async (request) => {
    const response = await next(request);
    const { url, status } = response;
    if (status !== 401 || url.origin === request.url.origin || !url.pathname.startsWith('/v2/')) return response;
    const offers = usableChallenges(parseChallenges(headerValues(response.headers, 'www-authenticate')));
    const bearer = offers.find(({ scheme }) => scheme === 'bearer');
    if (!bearer) return response;
    await response.discard();
    const there: HttpRequest = { ...request, url, sender: { url: request.url, via: 'redirect' } };
    const realm = realmOf(bearer.params.realm ?? '', there);
    const ask = { realm, service: bearer.params.service, scope: bearer.params.scope || scope };
    const key = JSON.stringify([ask, 'elsewhere', url.origin]);
    const token = await tokens.get(key, undefined, () => fetchToken(next, there, ask, undefined, now));
    const { authorization: _, ...headers } = request.headers;
    return next(withAuthorization({ ...there, headers }, `Bearer ${token}`));
  };
}

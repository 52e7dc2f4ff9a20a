import { PullError } from '../../errors.ts';
import type { Credential } from '../credentials.ts';
import { failureOf, foundInstead } from '../registry-error.ts';
import { takeBytes } from './body.ts';
import { refused } from './guard.ts';
import { basic, type Token } from './tokens.ts';
import type { HttpRequest, HttpResponse, Send } from './transport.ts';

/** What a Bearer challenge asks for (distribution-spec, "token authentication"). */
export interface TokenAsk {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scope: string;
}

const MAX_ANSWER = 1024 * 1024;
const LEAST_SECONDS = 60;
const LEEWAY_SECONDS = 10;
const CLIENT_ID = 'pull-image';
/** How token servers say that they know no POST: Artifactory 401, Google 404, Azure 400. */
const NO_POST = new Set([400, 401, 404, 405]);
/** How they say that they know no GET. A 400 or 401 there is about the login. */
const NO_GET = new Set([404, 405]);

/** Where the challenge sends us for a token, which may be refused when it is asked; throws REDIRECT_REFUSED if that is not a URL. */
export function realmOf(realm: string, request: HttpRequest): URL {
  if (URL.canParse(realm, request.url.href)) return new URL(realm, request.url);
  throw refused(request, realm, { url: request.url, via: 'realm' }, 'it is not a URL');
}

/**
 * Asks the realm for a token: for an identity token by POST (RFC 6749, 6), else by GET with the login or without one, each the other way where the server does
 * not know the first. The token counts as valid for the seconds the server says, at least a minute, by our own clock and less a small leeway. Throws the
 * server's refusal, or REGISTRY_ANSWER if no token came.
 */
export async function fetchToken(
  send: Send,
  asking: Pick<HttpRequest, 'purpose' | 'url'>,
  ask: TokenAsk,
  credential: Credential | undefined,
  now: () => number,
): Promise<Token> {
  const first = credential?.identityToken ? post(ask, credential) : get(ask, credential);
  const second = credential?.identityToken ? get(ask, credential) : credential?.password && post(ask, credential);
  const [request, response] = await exchange(send, asking, first, second || undefined);
  if (response.status !== 200) throw await failureOf(response, request, now());
  const { bytes } = await takeBytes(response.body, MAX_ANSWER);
  const token = parseToken(new TextDecoder().decode(bytes));
  if (!token) throw noToken(bytes, ask, asking);
  const seconds = Math.max(LEAST_SECONDS, token.seconds) - LEEWAY_SECONDS;
  return { value: token.value, expiresAt: now() + seconds * 1000 };
}

/** Of what came instead nothing but the title of a page is repeated, for any text may be the token. */
function noToken(bytes: Uint8Array, { realm }: TokenAsk, { purpose }: Pick<HttpRequest, 'purpose'>): PullError {
  const { found, hint } = foundInstead(bytes);
  const instead = found.startsWith('a page') ? `, but ${found}` : '';
  const reason = `${realm.host} was asked for a token and sent none${instead}`;
  return new PullError('REGISTRY_ANSWER', purpose.repository, reason, { temporary: true, hint });
}

type Form = Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>;

/** The answer to the first form, or to the second where the server does not take such; the first stands if the second fares no better. */
async function exchange(
  send: Send,
  { purpose, url: registry }: Pick<HttpRequest, 'purpose' | 'url'>,
  first: Form,
  second: Form | undefined,
): Promise<readonly [HttpRequest, HttpResponse]> {
  const full = (form: Form): HttpRequest => ({
    ...form,
    purpose: { ...purpose, kind: 'token' },
    limit: MAX_ANSWER,
    sender: { url: registry, via: 'realm' },
    sameOrigin: true,
  });
  const request = full(first);
  const response = await send(request);
  const unknown = first.method === 'POST' ? NO_POST : NO_GET;
  if (!second || !unknown.has(response.status)) return [request, response];
  const other = await send(full(second));
  if (other.status !== 200 && first.method === 'GET') {
    await other.discard();
    return [request, response];
  }
  await response.discard();
  return [full(second), other];
}

/** No `offline_token`: servers break on it. */
function get({ realm, service, scope }: TokenAsk, credential: Credential | undefined): Form {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const part of scope.split(' ').filter(Boolean)) url.searchParams.append('scope', part);
  // Where only an identity token is known it stands for the password, as Azure wants it.
  const { username = '', password = credential?.identityToken } = credential ?? {};
  if (password === undefined) return { method: 'GET', url, headers: {} };
  if (username !== '') url.searchParams.set('account', username);
  return { method: 'GET', url, headers: { authorization: basic({ username: username || '<token>', password }) } };
}

function post({ realm, service, scope }: TokenAsk, { username, password, identityToken }: Credential): Form {
  const grant = identityToken
    ? { grant_type: 'refresh_token', refresh_token: identityToken }
    : { grant_type: 'password', username: username ?? '', password: password ?? '' };
  const form = new URLSearchParams({ client_id: CLIENT_ID, ...grant, scope });
  if (service !== undefined) form.set('service', service);
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url: realm, headers, body: form.toString() };
}

/** Only what can stand in a header is a token. */
function parseToken(text: string): { readonly value: string; readonly seconds: number } | undefined {
  try {
    const { token, access_token, expires_in } = JSON.parse(text) as Record<string, unknown>;
    const value = [token, access_token].find(
      (candidate) => typeof candidate === 'string' && /^[\x21-\x7e]+$/.test(candidate),
    );
    return typeof value === 'string' ? { value, seconds: typeof expires_in === 'number' ? expires_in : 0 } : undefined;
  } catch {
    return undefined;
  }
}

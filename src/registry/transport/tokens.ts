import { PullError } from '../../errors.ts';
import type { Credential } from '../credentials.ts';
import { failureOf } from '../registry-error.ts';
import { takeBytes } from './body.ts';
import { refused } from './guard.ts';
import type { HttpRequest, Send } from './transport.ts';

/** What a Bearer challenge asks for (distribution-spec, "token authentication"). */
export interface TokenAsk {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scope: string;
}

interface Token {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Tokens by what they were asked for; shared by all repositories of a client. */
export interface Tokens {
  /** A token that is still valid and is not `stale`, fetched once for all who ask at the same time; a failure is not kept. */
  get(key: string, stale: string | undefined, fetch: () => Promise<Token>): Promise<string>;
}

const MAX_ANSWER = 1024 * 1024;
const LEAST_SECONDS = 60;
const LEEWAY_SECONDS = 10;

/** An empty collection of tokens; `now` in milliseconds since the epoch. */
export function createTokens(now: () => number): Tokens {
  const known = new Map<string, Token>();
  const pending = new Map<string, Promise<Token>>();
  return {
    get: async (key, stale, fetch) => {
      const token = known.get(key);
      if (token && token.value !== stale && now() < token.expiresAt) return token.value;
      const fetching =
        pending.get(key) ??
        fetch()
          .then((fresh) => {
            known.set(key, fresh);
            return fresh;
          })
          .finally(() => pending.delete(key));
      pending.set(key, fetching);
      return (await fetching).value;
    },
  };
}

/** Where the challenge sends us for a token, which may be refused when it is asked; throws REDIRECT_REFUSED if that is not a URL. */
export function realmOf(realm: string, request: HttpRequest): URL {
  if (URL.canParse(realm, request.url.href)) return new URL(realm, request.url);
  throw refused(request, realm, { url: request.url, via: 'realm' }, 'it is not a URL');
}

/**
 * Asks the realm for a token, with the credential if there is one. It counts as valid for the seconds the server says, at least a minute, by our own
 * clock and less a small leeway. Throws the server's refusal, or REGISTRY_ANSWER if no token came.
 */
export async function fetchToken(
  send: Send,
  { purpose, url: registry }: HttpRequest,
  { realm, service, scope }: TokenAsk,
  credential: Credential | undefined,
  now: () => number,
): Promise<Token> {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const part of scope.split(' ').filter(Boolean)) url.searchParams.append('scope', part);
  if (credential) url.searchParams.set('account', credential.username);
  const request: HttpRequest = {
    method: 'GET',
    url,
    headers: credential ? { authorization: basic(credential) } : {},
    purpose: { ...purpose, kind: 'token' },
    limit: MAX_ANSWER,
    sender: { url: registry, via: 'realm' },
    sameOrigin: true,
  };
  const response = await send(request);
  if (response.status !== 200) throw await failureOf(response, request, now());
  const { bytes } = await takeBytes(response.body, MAX_ANSWER);
  const token = parseToken(new TextDecoder().decode(bytes));
  if (!token)
    throw new PullError('REGISTRY_ANSWER', purpose.repository, `${url.host} was asked for a token and sent none`);
  const seconds = Math.max(LEAST_SECONDS, token.seconds) - LEEWAY_SECONDS;
  return { value: token.value, expiresAt: now() + seconds * 1000 };
}

/** The value of an Authorization header (RFC 7617, UTF-8). */
export function basic({ username, password }: Credential): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
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

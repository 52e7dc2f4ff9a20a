import type { Credential } from '../credentials.ts';

/** What a token server handed out. */
export interface Token {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Tokens by what they were asked for; shared by all repositories of a client. */
export interface Tokens {
  /** A token that is still valid and is not `stale`, fetched once for all who ask at the same time; a failure is not kept. */
  get(key: string, stale: string | undefined, fetch: () => Promise<Token>): Promise<string>;
}

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

/** The value of an Authorization header (RFC 7617, UTF-8). */
export function basic({ username = '', password = '' }: Credential): string {
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

import { type Code, PullError } from '../../errors.ts';
import type { Credential } from '../credentials.ts';
import { type Challenge, parseChallenges, usableChallenges } from './challenge.ts';
import { fetchToken, realmOf } from './fetch-token.ts';
import { mergeScopes } from './scope.ts';
import { basic, type Tokens } from './tokens.ts';
import { type HttpRequest, type HttpResponse, headerValues, type Send } from './transport.ts';

/** What every door of a repository shares. */
export interface DoorOptions {
  /** What to ask for where the challenge does not say, `repository:library/redis:pull`. */
  readonly scope: string;
  /** What to ask for besides what the challenge says, so that a later request needs no other token. */
  readonly besides?: string | undefined;
  readonly tokens: Tokens;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** An Authorization header and how it came about. */
interface Key {
  readonly header: string;
  readonly way: 'bearer' | 'basic' | 'given';
  readonly scope: string;
  /** True if it was fetched for this very request: another one would be no better. */
  readonly fresh: boolean;
}

/** However a registry words its challenges, a request is sent no more often than this. */
const MOST_TRIES = 5;
const MAX_PING = 64 * 1024;
/** Failures of a token server that another try would not mend. */
const TOKENS_FAIL: ReadonlySet<Code> = new Set([
  'UNAUTHORIZED',
  'DENIED',
  'UNSUPPORTED',
  'REGISTRY_ANSWER',
  'REDIRECT_REFUSED',
]);

/**
 * One repository as one identity sees it: what opened it once is used from then on. A 401 is answered with what it asks for as long as that is something new:
 * a token, a wider scope, one fresh token for an old one, the login itself where tokens fail.
 */
export class Door {
  readonly #options: DoorOptions;
  readonly #credential: Credential | undefined;
  readonly #next: Send;
  #offers: readonly Challenge[] = [];
  #way: 'bearer' | 'basic' | undefined;
  #challenge: Challenge | undefined;
  #scope = '';
  #pinged = false;
  /** True once an answer other than a refusal came to a request with an Authorization header. */
  opened = false;

  constructor(options: DoorOptions, credential: Credential | undefined, next: Send) {
    this.#options = options;
    this.#credential = credential;
    this.#next = next;
  }

  /** True if a request without any identity was refused here, with nothing but a login to mend it. */
  get isForLogins(): boolean {
    return this.#offers.length > 0 && !this.#challenge && !this.#offers.some(({ scheme }) => scheme === 'bearer');
  }

  /** Knows from then on how the other was challenged, but not as whom it came in. */
  learnFrom(other: Door): void {
    if (this.#challenge || !other.#challenge) return;
    this.#offers = other.#offers;
    this.#bearer(other.#challenge);
    this.#scope = other.#scope;
  }

  /** Throws what the token server's answer stands for. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    let key = await this.#key(request, undefined);
    for (let tries = 1; ; tries += 1) {
      const response = await this.#next(withAuthorization(request, key?.header));
      if (response.status !== 401 || response.url.origin !== request.url.origin) {
        if (key && response.status !== 403) this.opened = true;
        return response;
      }
      if (tries === MOST_TRIES || !(await this.#learns(response, request, key))) return response;
      await response.discard();
      key = await this.#key(request, key);
    }
  }

  /** True if the next key will be another than the one that was refused. */
  async #learns(response: HttpResponse, request: HttpRequest, key: Key | undefined): Promise<boolean> {
    if (key?.way === 'given') return false;
    const offers = await this.#offersOf(response, request);
    const bearer = offers.find(({ scheme }) => scheme === 'bearer');
    const canBeBasic = offers.some(({ scheme }) => scheme === 'basic') && this.#credential?.password !== undefined;
    if (!key || key.way === 'basic') {
      if (bearer && key?.way !== 'basic') this.#bearer(bearer);
      else this.#way = canBeBasic ? 'basic' : undefined;
      return this.#way !== undefined && key?.way !== this.#way;
    }
    if (bearer && mergeScopes(bearer.params.scope ?? '', key.scope) !== mergeScopes(key.scope, '')) {
      this.#bearer(bearer);
      return true;
    }
    if (bearer && !key.fresh && bearer.params.error !== 'insufficient_scope') return true;
    if (canBeBasic) this.#way = 'basic';
    return canBeBasic;
  }

  /** What the answer offers; where it offers nothing what was offered before, or to a request for `/v2/`. */
  async #offersOf(response: HttpResponse, request: HttpRequest): Promise<readonly Challenge[]> {
    const offers = offersIn(response);
    if (offers.length > 0) this.#offers = offers;
    if (this.#offers.length > 0 || this.#pinged) return this.#offers;
    this.#pinged = true;
    const { purpose } = request;
    const ping = await this.#next({
      method: 'GET',
      url: new URL('/v2/', request.url),
      headers: {},
      purpose,
      limit: MAX_PING,
    });
    await ping.discard();
    if (ping.status === 401 && ping.url.origin === request.url.origin) this.#offers = offersIn(ping);
    return this.#offers;
  }

  #bearer(challenge: Challenge): void {
    const { params } = challenge;
    this.#way = 'bearer';
    this.#challenge = challenge;
    this.#scope =
      this.#scope === ''
        ? mergeFirst(params.scope || this.#options.scope, this.#options.besides)
        : mergeScopes(params.scope ?? '', this.#scope);
  }

  /** What to send, other than the key that was refused. */
  async #key(request: HttpRequest, refused: Key | undefined): Promise<Key | undefined> {
    const credential = this.#credential;
    const given = credential?.registryToken;
    if (given !== undefined) return { header: `Bearer ${given}`, way: 'given', scope: '', fresh: true };
    if (this.#way === undefined) return undefined;
    const login = (): Key => ({ header: basic(credential ?? {}), way: 'basic', scope: '', fresh: true });
    if (this.#way === 'basic') return login();
    try {
      return await this.#token(request, refused);
    } catch (error) {
      const canBeBasic = this.#offers.some(({ scheme }) => scheme === 'basic') && credential?.password !== undefined;
      if (!canBeBasic || !(error instanceof PullError) || !TOKENS_FAIL.has(error.code)) throw error;
      this.#way = 'basic';
      return login();
    }
  }

  async #token(request: HttpRequest, refused: Key | undefined): Promise<Key> {
    const { tokens, now } = this.#options;
    const params = this.#challenge?.params ?? {};
    const ask = { realm: realmOf(params.realm ?? '', request), service: params.service, scope: this.#scope };
    let fresh = false;
    const fetch = () => {
      fresh = true;
      return fetchToken(this.#next, request, ask, this.#credential, now);
    };
    const key = JSON.stringify([ask, this.#credential]);
    const value = await tokens.get(key, refused?.header.slice('Bearer '.length), fetch);
    return { header: `Bearer ${value}`, way: 'bearer', scope: this.#scope, fresh };
  }
}

const mergeFirst = (demanded: string, besides: string | undefined): string =>
  besides === undefined ? demanded : mergeScopes(demanded, besides);

function offersIn(response: HttpResponse): readonly Challenge[] {
  return usableChallenges(parseChallenges(headerValues(response.headers, 'www-authenticate')));
}

export function withAuthorization(request: HttpRequest, authorization: string | undefined): HttpRequest {
  return authorization === undefined ? request : { ...request, headers: { ...request.headers, authorization } };
}

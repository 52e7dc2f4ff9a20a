import { PullError } from '../../errors.ts';
import type { Credential } from '../credentials.ts';
import { type Challenge, chooseChallenge, parseChallenges } from './challenge.ts';
import { basic, fetchToken, realmOf, type Tokens } from './tokens.ts';
import { type HttpRequest, type HttpResponse, headerValues, type Send, type Wrap } from './transport.ts';

export interface AuthorizeOptions {
  readonly credential: Credential | undefined;
  /** What to ask for where the challenge does not say, `repository:library/redis:pull`. */
  readonly scope: string;
  readonly tokens: Tokens;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Answers the challenges of one repository. The first request goes out bare; once challenged, it and all later ones carry what was asked for. A 401
 * to that is answered once more, with a fresh token. Only the registry's own origin is answered, never one that a redirect led to.
 */
export function authorize(options: AuthorizeOptions): Wrap {
  return (next) => {
    const guard = new Guard(options, next);
    return (request) => guard.send(request);
  };
}

/** What is known of one repository's door: how it wants to be opened, and as whom. */
class Guard {
  readonly #options: AuthorizeOptions;
  readonly #next: Send;
  #challenge: Challenge | undefined;
  #credential: Credential | undefined;

  constructor(options: AuthorizeOptions, next: Send) {
    this.#options = options;
    this.#next = next;
    this.#credential = options.credential;
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    const response = await this.#answered(request);
    if (!this.#credential?.optional || !isDenied(response, request)) return response;
    await response.discard();
    this.#credential = undefined;
    return this.#answered(request);
  }

  async #answered(request: HttpRequest): Promise<HttpResponse> {
    const sent = await this.#authorization(request, undefined);
    const response = await this.#next(withAuthorization(request, sent));
    if (response.status !== 401 || response.url.origin !== request.url.origin) return response;
    const challenge = chooseChallenge(parseChallenges(headerValues(response.headers, 'www-authenticate')));
    if (!challenge || this.#isFinal(challenge, sent)) return response;
    await response.discard();
    this.#challenge = challenge;
    const fresh = await this.#authorization(request, sent);
    return this.#next(withAuthorization(request, fresh));
  }

  /** True if another try would send the same again. */
  #isFinal(challenge: Challenge, sent: string | undefined): boolean {
    if (challenge.scheme === 'basic') return !this.#credential || sent === basic(this.#credential);
    const same = this.#challenge && this.#scopeOf(challenge) === this.#scopeOf(this.#challenge);
    return sent !== undefined && same === true && challenge.params.error === 'insufficient_scope';
  }

  async #authorization(request: HttpRequest, stale: string | undefined): Promise<string | undefined> {
    const challenge = this.#challenge;
    const credential = this.#credential;
    if (!challenge) return undefined;
    if (challenge.scheme === 'basic') return credential && basic(credential);
    try {
      return await this.#bearer(challenge, credential, request, stale);
    } catch (error) {
      if (!credential?.optional || !(error instanceof PullError) || !['UNAUTHORIZED', 'DENIED'].includes(error.code))
        throw error;
      this.#credential = undefined;
      return this.#bearer(challenge, undefined, request, stale);
    }
  }

  async #bearer(
    challenge: Challenge,
    credential: Credential | undefined,
    request: HttpRequest,
    stale: string | undefined,
  ) {
    const { tokens, now } = this.#options;
    const realm = realmOf(challenge.params.realm ?? '', request);
    const ask = { realm, service: challenge.params.service, scope: this.#scopeOf(challenge) };
    const key = JSON.stringify([realm, ask.service, ask.scope, credential?.username]);
    const fetch = () => fetchToken(this.#next, request, ask, credential, now);
    return `Bearer ${await tokens.get(key, stale?.slice('Bearer '.length), fetch)}`;
  }

  #scopeOf(challenge: Challenge): string {
    return challenge.params.scope || this.#options.scope;
  }
}

function isDenied(response: HttpResponse, request: HttpRequest): boolean {
  return (response.status === 401 || response.status === 403) && response.url.origin === request.url.origin;
}

function withAuthorization(request: HttpRequest, authorization: string | undefined): HttpRequest {
  return authorization === undefined ? request : { ...request, headers: { ...request.headers, authorization } };
}

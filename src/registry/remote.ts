import { PullError } from '../errors.ts';
import { familiarName, type Repository } from '../oci/reference.ts';
import { type Credential, loginName } from './credentials.ts';
import type { Locate } from './endpoints.ts';
import { sharesCredentials } from './policy.ts';
import { failureOf } from './registry-error.ts';
import { type RetryOptions, retrying } from './transport/retry.ts';
import type { HttpRequest, HttpResponse, Into, Purpose, Send, Waits } from './transport/transport.ts';
import type { Turns } from './transport/turns.ts';

/** What is asked of a repository. */
export interface Question {
  readonly kind: Purpose['kind'];
  readonly method?: HttpRequest['method'];
  /** Below the repository, `manifests/7`, or a whole URL that the registry gave. */
  readonly at: string | URL;
  /** What is asked for, as people write it: `redis:7`. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As in HttpRequest: the most bytes of a small answer; a blob has none. */
  readonly limit?: number;
  /** As in HttpRequest. */
  readonly plain?: boolean;
  /** As in HttpRequest: what is sent along, and whether that is large. */
  readonly body?: HttpRequest['body'];
  readonly bulk?: boolean;
  /** As in HttpRequest. */
  readonly into?: Into | undefined;
  /** As in HttpRequest. */
  readonly waits?: Waits | undefined;
  readonly turns?: Turns | undefined;
  readonly ends?: AbortSignal | undefined;
}

/** One repository, ready to be asked. */
export interface Remote {
  /** The repository as Docker prints it. */
  readonly name: string;
  /** The answer, whatever its status; what passes has been tried again. Throws a PullError about the repository. */
  ask(question: Question): Promise<Answer>;
  /** As `ask`, once and no more; `from` is where an earlier answer came from, which is asked without any credentials. */
  askOnce?(question: Question, from?: URL): Promise<Answer>;
  /** Where it answers; throws as `Locate` does. */
  origin(): Promise<URL>;
  /** The registry's domain, or the host that is asked instead. */
  readonly domain: string;
  /** False if a single failure is enough to look elsewhere. */
  readonly patient: boolean;
  readonly retries: RetryOptions;
}

/** A remote that can be asked for parts. */
export type Divisible = Remote & Required<Pick<Remote, 'askOnce'>>;

/** The error of a remote that was not asked, for it had failed others meanwhile. */
export const passedOver = ({ name }: Remote): PullError =>
  new PullError('UNAVAILABLE', name, 'it was passed over, for it had stopped answering');

/** True unless the remote is a mere URL. */
export const isDivisible = (remote: Remote): remote is Divisible => remote.askOnce !== undefined;

/** An answer that can be turned into the error it stands for. */
export interface Answer extends HttpResponse {
  /** Where the question went; `url` is where the answer came from. */
  readonly asked: URL;
  readonly failure: () => Promise<PullError>;
}

/** What a repository is reached by. */
export interface RemoteOptions {
  readonly repository: Repository;
  /** What people call it, if that is not its own name: a mirror stands in for another. */
  readonly name?: string | undefined;
  /** A Send for this repository alone: it remembers how its door opens. */
  readonly send: Send;
  /** The same without a second try. */
  readonly sendOnce: Send;
  /** Knows no credentials; for where redirects lead to. */
  readonly sendBare: Send;
  /** True if things are to be written there: then a URL at another origin is the place of an upload, where no login goes. */
  readonly push?: boolean | undefined;
  readonly locate: Locate;
  /** What stands before the repository in URLs, `/v2` by default. */
  readonly base?: string | undefined;
  /** The registry it stands for, told with each request, as proxies of several registries want it (`ns`). */
  readonly namespace?: string | undefined;
  /** False if a single failure is enough to look elsewhere. */
  readonly patient?: boolean;
  readonly retries: RetryOptions;
  /** For error messages; asked for each question. */
  readonly credential: () => Promise<Credential | undefined>;
}

/** A repository at its registry; nothing is sent before something is asked. */
export function createRemote(options: RemoteOptions): Divisible {
  const { repository, send, sendOnce, sendBare, locate, retries, credential, patient = true, push } = options;
  const { base = '/v2', namespace } = options;
  const { domain, path } = repository;
  const name = options.name ?? familiarName(repository);
  const look = () => locate(domain, name);
  const origin = () => (patient ? retrying(retries, look) : look());
  const requestOf = async (question: Question): Promise<HttpRequest> => {
    const { kind, method = 'GET', at, target, headers = {}, ...passed } = question;
    const home = typeof at === 'string' || push ? await origin() : at;
    const url = typeof at === 'string' ? new URL(`${base}/${path}/${at}`, home) : at;
    if (typeof at === 'string' && namespace !== undefined) url.searchParams.append('ns', namespace);
    const purpose: Purpose = { kind, push, domain, repository: name, target, ...loginOf(await credential()) };
    const sender = sharesCredentials(home, url) ? {} : { sender: { url: home, via: 'upload' } as const };
    return { ...passed, method, url, headers, purpose, ...sender };
  };
  const answerTo = (request: HttpRequest, response: HttpResponse): Answer => ({
    ...response,
    asked: request.url,
    failure: () => failureOf(response, request, retries.now()),
  });
  return {
    name,
    origin,
    domain,
    patient,
    retries,
    async ask(question) {
      const request = await requestOf(question);
      return answerTo(request, await (request.sender ? sendBare : send)(request));
    },
    async askOnce(question, from) {
      const request = await requestOf(question);
      const way = request.sender ? sendBare : sendOnce;
      if (from === undefined || from.origin === request.url.origin) return answerTo(request, await way(request));
      const sender = { url: request.url, via: 'redirect' } as const;
      return answerTo(request, await sendBare({ ...request, url: from, sender }));
    },
  };
}

/** A login that nobody asked for is nobody's business. */
function loginOf(credential: Credential | undefined): Pick<Purpose, 'login' | 'loginFrom'> {
  if (!credential || credential.optional) return {};
  return { login: loginName(credential), loginFrom: credential.from };
}

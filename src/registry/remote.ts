import type { PullError } from '../errors.ts';
import { familiarName, type Repository } from '../oci/reference.ts';
import { type Credential, loginName } from './credentials.ts';
import type { Locate } from './endpoints.ts';
import { failureOf } from './registry-error.ts';
import { type RetryOptions, retrying } from './transport/retry.ts';
import type { HttpRequest, HttpResponse, Purpose, Send } from './transport/transport.ts';

/** What is asked of a repository. */
export interface Question {
  readonly kind: Purpose['kind'];
  readonly method?: 'GET' | 'HEAD';
  /** Below the repository, `manifests/7`, or a whole URL that the registry gave. */
  readonly at: string | URL;
  /** What is asked for, as people write it: `redis:7`. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As in HttpRequest: the most bytes of a small answer; a blob has none. */
  readonly limit?: number;
}

/** One repository, ready to be asked. */
export interface Remote {
  /** The repository as Docker prints it. */
  readonly name: string;
  /** The answer, whatever its status; what passes has been tried again. Throws a PullError about the repository. */
  ask(question: Question): Promise<Answer>;
  readonly retries: RetryOptions;
}

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
  readonly locate: Locate;
  /** False if a single failure is enough to look elsewhere. */
  readonly patient?: boolean;
  readonly retries: RetryOptions;
  /** For error messages; asked for each question. */
  readonly credential: () => Promise<Credential | undefined>;
}

/** A repository at its registry; nothing is sent before something is asked. */
export function createRemote(options: RemoteOptions): Remote {
  const { repository, send, locate, retries, credential, patient = true } = options;
  const { domain, path } = repository;
  const name = options.name ?? familiarName(repository);
  const look = () => locate(domain, name);
  const origin = () => (patient ? retrying(retries, look) : look());
  return {
    name,
    retries,
    ask: async ({ kind, method = 'GET', at, target, headers = {}, limit }) => {
      const url = typeof at === 'string' ? new URL(`/v2/${path}/${at}`, await origin()) : at;
      const purpose: Purpose = { kind, domain, repository: name, target, ...loginOf(await credential()) };
      const request: HttpRequest = { method, url, headers, purpose, limit };
      const response = await send(request);
      return { ...response, asked: url, failure: () => failureOf(response, request, retries.now()) };
    },
  };
}

/** A login that nobody asked for is nobody's business. */
function loginOf(credential: Credential | undefined): Pick<Purpose, 'login' | 'loginFrom'> {
  if (!credential || credential.optional) return {};
  return { login: loginName(credential), loginFrom: credential.from };
}

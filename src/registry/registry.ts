import { setMaxListeners } from 'node:events';
import type { Repository } from '../oci/reference.ts';
import type { Report } from '../outcome.ts';
import type { Registry } from '../ports.ts';
import { streamBlob } from './blobs.ts';
import { type Credential, type CredentialSources, createFindCredential, loginName } from './credentials.ts';
import { createLocate } from './endpoints.ts';
import { fetchManifest, hasManifest, resolveTag } from './manifests.ts';
import { createRemote, type Remote } from './remote.ts';
import { listTags } from './tags.ts';
import { authorize } from './transport/authorize.ts';
import { createHttp } from './transport/http.ts';
import type { Timeouts } from './transport/network-error.ts';
import { redirect } from './transport/redirect.ts';
import { type RetryOptions, retry, sleep } from './transport/retry.ts';
import { createTokens } from './transport/tokens.ts';
import { compose } from './transport/transport.ts';

/** How to talk to registries; all but the first three have defaults. */
export interface RegistryOptions extends Partial<CredentialSources>, Partial<RetryOptions> {
  /** Sent with every request, `pull-image/1.2.3`. */
  readonly userAgent: string;
  readonly signal: AbortSignal;
  readonly report: Report;
  /** Connections per registry for blobs, and that many again for small requests. */
  readonly connections?: number;
  readonly timeouts?: Partial<Timeouts>;
}

const TIMEOUTS: Timeouts = { connectMs: 30_000, headersMs: 30_000, bodyMs: 30_000 };

/** The registries of the world over HTTP; nothing is sent before something is asked, and every request ends with the signal. */
export function createRegistry(options: RegistryOptions): Registry {
  const { signal, report, userAgent, connections = 8, now = Date.now, random = Math.random } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const retries: RetryOptions = { signal, report, now, random, sleep: options.sleep ?? sleep };
  // One listener a request: with many at once Node 20 would suspect a leak.
  setMaxListeners(0, signal);
  const http = createHttp({ connections, userAgent, timeouts, signal });
  const locate = createLocate({ trust: http.trust, timeouts, signal });
  const tokens = createTokens(now);
  const findCredential = createFindCredential({
    logins: options.logins ?? [],
    authFiles: options.authFiles ?? [],
    askHelper: options.askHelper ?? (async () => undefined),
    githubToken: options.githubToken,
    warn: options.warn ?? ((message) => report({ type: 'warning', message })),
    onSecret: options.onSecret ?? (() => {}),
  });
  const remotes = new Map<string, Remote>();
  const onRefusedLogin = refusedLogins(report);

  const open = (repository: Repository): Remote => {
    const { domain, path } = repository;
    const credential = () => findCredential(repository);
    const scope = `repository:${path}:pull`;
    const refused = (login: Credential) => onRefusedLogin(domain, login);
    const wrap = compose(
      retry(retries),
      authorize({ credential, scope, tokens, now, onRefusedLogin: refused }),
      redirect(),
    );
    return createRemote({ repository, send: wrap(http.send), locate, retries, credential });
  };
  const remote = (repository: Repository): Remote => {
    const key = `${repository.domain}/${repository.path}`;
    const opened = remotes.get(key) ?? open(repository);
    remotes.set(key, opened);
    return opened;
  };
  return {
    resolve: async (repository, tag) => resolveTag(remote(repository), tag),
    manifest: async (repository, digest) => fetchManifest(remote(repository), digest),
    blob: async function* (repository, blob) {
      yield* streamBlob(remote(repository), blob);
    },
    tags: async (repository) => listTags(remote(repository)),
    has: async (repository, digest) => hasManifest(remote(repository), digest),
    usesLogin: async (repository) => (await findCredential(repository)) !== undefined,
    close: http.close,
  };
}

/** One notice a registry, however many repositories its login does not open. */
function refusedLogins(report: Report): (domain: string, login: Credential) => void {
  const told = new Set<string>();
  return (domain, login) => {
    if (told.has(domain)) return;
    told.add(domain);
    const from = login.from === undefined ? '' : ` (from ${login.from})`;
    const message = `${domain} refused the login of ${loginName(login)}${from}; what is public there is pulled without it.`;
    report({ type: 'notice', message });
  };
}

import type dns from 'node:dns';
import { setMaxListeners } from 'node:events';
import type { Repository } from '../oci/reference.ts';
import type { Report } from '../outcome.ts';
import type { Registry } from '../ports.ts';
import { streamBlob } from './blobs.ts';
import { type CredentialSources, credentialFor } from './credentials.ts';
import { fetchManifest, hasManifest, resolveTag } from './manifests.ts';
import { createNetwork } from './network.ts';
import { createRemote, type Remote } from './remote.ts';
import { listTags } from './tags.ts';
import { authorize } from './transport/authorize.ts';
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
  /** For HTTPS_PROXY, SSL_CERT_FILE and their like; empty by default. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Hosts, `host:port` and CIDRs that may speak plain HTTP or show any certificate. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** Instead of /etc/docker/certs.d and its like. */
  readonly certificateFolders?: readonly string[] | undefined;
  /** Looks names up; `dns.lookup` by default. */
  readonly lookup?: typeof dns.lookup | undefined;
}

const TIMEOUTS: Timeouts = { connectMs: 30_000, headersMs: 30_000, bodyMs: 30_000 };

/** The registries of the world over HTTP; nothing is sent before something is asked, and every request ends with the signal. */
export function createRegistry(options: RegistryOptions): Registry {
  const { signal, report, userAgent, connections = 8, now = Date.now, random = Math.random } = options;
  const { logins = [], dockerConfig, githubToken } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const retries: RetryOptions = { signal, report, now, random, sleep: options.sleep ?? sleep };
  // One listener a request: with many at once Node 20 would suspect a leak.
  setMaxListeners(0, signal);
  const { environment = {}, insecureRegistries = [], certificateFolders, lookup } = options;
  const network = createNetwork({
    environment,
    insecureRegistries,
    certificateFolders,
    lookup,
    connections,
    userAgent,
    timeouts,
    signal,
  });
  const tokens = createTokens(now);
  const remotes = new Map<string, Remote>();

  const open = (repository: Repository): Remote => {
    const { domain, path } = repository;
    const credential = credentialFor(domain, { logins, dockerConfig, githubToken });
    const scope = `repository:${path}:pull`;
    const wrap = compose(retry(retries), authorize({ credential, scope, tokens, now }), redirect());
    const login = credential?.optional ? undefined : credential?.username;
    return createRemote({ repository, send: wrap(network.send), locate: network.locate, retries, login });
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
    usesLogin: ({ domain }) => credentialFor(domain, { logins, dockerConfig, githubToken }) !== undefined,
    close: network.close,
  };
}

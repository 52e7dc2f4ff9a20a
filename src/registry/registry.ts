import type dns from 'node:dns';
import { setMaxListeners } from 'node:events';
import type { Descriptor } from '../oci/descriptor.ts';
import { canonicalName, familiarName, type Repository } from '../oci/reference.ts';
import type { Report } from '../outcome.ts';
import type { Registry } from '../ports.ts';
import type { Mirror } from '../settings.ts';
import { CHUNK_SIZE, fetchBlob } from './blobs.ts';
import { type Credential, type CredentialSources, createFindCredential, loginName } from './credentials.ts';
import { lanesByDomain } from './lanes.ts';
import { layerPlaces } from './layer-url.ts';
import { fetchManifest, hasManifest, resolveTag } from './manifests.ts';
import { createNetwork } from './network.ts';
import { createPlaces, type Place } from './places.ts';
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
  /** Tried in order before the registry they stand for. */
  readonly mirrors?: readonly Mirror[] | undefined;
  /** Hosts, `host:port` and CIDRs that may speak plain HTTP or show any certificate. */
  readonly insecureRegistries?: readonly string[] | undefined;
  /** Instead of /etc/docker/certs.d and its like. */
  readonly certificateFolders?: readonly string[] | undefined;
  /** Looks names up; `dns.lookup` by default. */
  readonly lookup?: typeof dns.lookup | undefined;
  /** Bytes of one part of a large blob; above two of them it comes in parts. */
  readonly chunkSize?: number | undefined;
  /** Calls back every so many milliseconds until the returned function is called. */
  readonly every?: (ms: number, call: () => void) => () => void;
}

const TIMEOUTS: Timeouts = { connectMs: 30_000, headersMs: 30_000, bodyMs: 30_000 };

/** The registries of the world over HTTP; nothing is sent before something is asked, and every request ends with the signal. */
export function createRegistry(options: RegistryOptions): Registry {
  const { signal, report, userAgent, connections = 8, now = Date.now, random = Math.random } = options;
  const { chunkSize = CHUNK_SIZE, every = everyFew } = options;
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const retries: RetryOptions = { signal, report, now, random, sleep: options.sleep ?? sleep };
  // One listener a request: with many at once Node 20 would suspect a leak.
  setMaxListeners(0, signal);
  const { environment = {}, insecureRegistries = [], certificateFolders, lookup, mirrors = [] } = options;
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
  const findCredential = createFindCredential({
    logins: options.logins ?? [],
    authFiles: options.authFiles ?? [],
    askHelper: options.askHelper ?? (async () => undefined),
    githubToken: options.githubToken,
    warn: options.warn ?? ((message) => report({ type: 'warning', message })),
    onSecret: options.onSecret ?? (() => {}),
  });
  const onRefusedLogin = refusedLogins(report);
  const known = new Map<string, readonly Place[]>();
  const places = createPlaces(report);
  const asked = new Set<string>();
  const lanes = lanesByDomain({ connections, every });

  const open = (repository: Repository, stands?: string): Remote => {
    const { domain, path } = repository;
    const credential = () => findCredential(repository);
    const scope = `repository:${path}:pull`;
    const refused = (login: Credential) => onRefusedLogin(domain, login);
    const door = compose(authorize({ credential, scope, tokens, now, onRefusedLogin: refused }), redirect());
    // Who stands in for another is not waited for: the next place is nearer.
    const patient = stands === undefined;
    const sendBare = redirect()(network.send);
    const sendOnce = door(network.send);
    const send = patient ? retry(retries)(sendOnce) : sendOnce;
    const { locate } = network;
    return createRemote({
      ...{ repository, name: stands, send, sendOnce, sendBare },
      ...{ locate, patient, retries, credential },
    });
  };
  /** Mirrors first, the registry itself last. */
  const placesOf = (repository: Repository): readonly Place[] => {
    const key = canonicalName(repository);
    const opened = known.get(key) ?? [
      ...mirrorsOf(repository, mirrors).map((mirror): Place => {
        return { kind: 'mirror', host: mirror.domain, remote: open(mirror, familiarName(repository)) };
      }),
      { kind: 'registry', host: repository.domain, remote: open(repository) },
    ];
    known.set(key, opened);
    return opened;
  };
  const own = (repository: Repository): readonly Place[] => placesOf(repository).slice(-1);

  function placesOfBlob(repository: Repository, blob: Descriptor): readonly Place[] {
    // What is asked for again did not match its digest: then the registry itself has to answer for it.
    const key = `${canonicalName(repository)}@${blob.digest}`;
    const all = asked.has(key) ? own(repository) : placesOf(repository);
    asked.add(key);
    if (!blob.urls?.length) return all;
    const home = own(repository)[0]?.remote ?? open(repository);
    const anonymous = compose(retry(retries), redirect())(network.send);
    return [...all, ...layerPlaces(blob, home, () => network.locate(repository.domain, home.name), anonymous)];
  }

  return {
    resolve: async (repository, tag) => places.first(placesOf(repository), (remote) => resolveTag(remote, tag)),
    manifest: async (repository, digest) =>
      places.first(placesOf(repository), (remote) => fetchManifest(remote, digest)),
    blob: async function* (repository, blob, rank = 0) {
      yield* places.bytes(placesOfBlob(repository, blob), blob, (remote) =>
        fetchBlob(remote, blob, { lanes: lanes(remote.domain), rank, chunkSize, now }),
      );
    },
    // A mirror may know of a few tags only, and to leave out the others would be wrong without a word.
    tags: async (repository) => places.first([...placesOf(repository)].reverse(), listTags),
    has: async (repository, digest) => hasManifest(own(repository)[0]?.remote ?? open(repository), digest),
    usesLogin: async (repository) => {
      const found = await Promise.all([...mirrorsOf(repository, mirrors), repository].map(findCredential));
      return found.some((credential) => credential !== undefined);
    },
    close: network.close,
  };
}

function everyFew(ms: number, call: () => void): () => void {
  const timer = setInterval(call, ms).unref();
  return () => clearInterval(timer);
}

/** The repository at each of its mirrors. */
function mirrorsOf({ domain, path }: Repository, mirrors: readonly Mirror[]): readonly Repository[] {
  const mine = mirrors.filter(({ registry }) => registry === domain);
  return mine.map((mirror) => ({ domain: mirror.domain, path: `${mirror.prefix}${path}` }));
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

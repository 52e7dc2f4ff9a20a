import { PullError } from '../errors.ts';
import { once } from '../lib/pool.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { canonicalName, familiarName, type Repository } from '../oci/reference.ts';
import type { Registry } from '../ports.ts';
import { CHUNK_SIZE, fetchBlob, RANGE_MS } from './blobs.ts';
import { type ClientOptions, createClient } from './client.ts';
import { originOf } from './endpoints.ts';
import { isInside } from './inside.ts';
import { lanesByDomain } from './lanes.ts';
import { layerPlaces } from './layer-url.ts';
import { fetchManifest, hasManifest, resolveTag } from './manifests.ts';
import { createPlaces, type Place } from './places.ts';
import { NO_FILES } from './routes/machine-files.ts';
import { createRoutes } from './routes/routes.ts';
import { listTags } from './tags.ts';
import { redirect } from './transport/redirect.ts';
import { newWaits, retry } from './transport/retry.ts';
import { compose } from './transport/transport.ts';

/** How to pull from registries; all but the first three have defaults. */
export interface RegistryOptions extends ClientOptions {
  /** Bytes of one part of a large blob; above two of them it comes in parts. */
  readonly chunkSize?: number | undefined;
  /** Milliseconds in which up to four parts are asked for at once, if they come so fast; 330 by default. */
  readonly rangeMs?: number | undefined;
  /** Calls back every so many milliseconds until the returned function is called; it keeps the process alive only if it `holds`. */
  readonly every?: (ms: number, call: () => void, holds?: boolean) => () => void;
}

/** The registries of the world over HTTP; nothing is sent before something is asked, and every request ends with the signal. */
export function createRegistry(options: RegistryOptions): Registry {
  const { mirrors = [], connections = 8, chunkSize = CHUNK_SIZE, every = everyFew, now = Date.now } = options;
  const { rangeMs = RANGE_MS } = options;
  const { network, retries, findCredential, remarks, open } = createClient(options);
  const known = once<readonly Place[]>();
  const { machineFiles: files = NO_FILES, isOwn } = options;
  const routesOf = createRoutes({ mirrors, files, origins: network.origins, isOwn });
  const places = createPlaces(options.report);
  const asked = new Set<string>();
  const lanes = lanesByDomain({ connections, every, rangeMs, now });

  /** Mirrors first, the registry itself last. */
  const placesOf = (repository: Repository): Promise<readonly Place[]> =>
    known(canonicalName(repository), async () => {
      const routes = await routesOf(repository);
      const name = familiarName(repository);
      return routes.map((route) => {
        return { ...route, host: route.repository.domain, remote: open(route.repository, { route, name }) };
      });
    });
  const placesThat = async (repository: Repository, does: 'resolves' | 'pulls'): Promise<readonly Place[]> => {
    const all = await placesOf(repository);
    const able = all.filter((place) => place[does] !== false);
    if (able.length > 0) return able;
    const what = does === 'resolves' ? 'resolve' : 'pull';
    const reason = `${all[0]?.file} names no host with the capability "${what}"`;
    throw new PullError('UNSUPPORTED', familiarName(repository), reason);
  };
  const own = async (repository: Repository): Promise<Pick<Place, 'remote' | 'pulls'>> =>
    (await placesOf(repository)).at(-1) ?? { remote: open(repository) };

  async function placesOfBlob(repository: Repository, blob: Descriptor, again: boolean): Promise<readonly Place[]> {
    const able = await placesThat(repository, 'pulls');
    const all = again ? able.slice(-1) : able;
    if (!blob.urls?.length) return all;
    const { remote: home } = await own(repository);
    const anonymous = compose(retry(retries), redirect())(network.send);
    return [...all, ...layerPlaces(blob, home, home.origin, anonymous)];
  }

  return {
    resolve: async (repository, tag, standIn) => {
      const waits = newWaits(standIn);
      return places.first(await placesThat(repository, 'resolves'), (remote) => resolveTag(remote, tag, waits));
    },
    manifest: async (repository, digest) =>
      places.first(await placesThat(repository, 'pulls'), (remote) => fetchManifest(remote, digest)),
    blob: async function* (repository, blob, rank = 0, again?: boolean) {
      // What is asked for again did not match its digest: then the registry itself has to answer for it, or the last that may give it, and no part of it that
      // something on the way may mistake.
      const key = `${canonicalName(repository)}@${blob.digest}`;
      const plain = again ?? asked.has(key);
      asked.add(key);
      yield* places.bytes(await placesOfBlob(repository, blob, plain), blob, (remote, wanted, beside) =>
        fetchBlob(remote, wanted, { lanes: lanes(remote.domain), rank, chunkSize, now, plain, beside }),
      );
    },
    // A mirror may know of a few tags only, and to leave out the others would be wrong without a word.
    tags: async (repository) => places.first([...(await placesThat(repository, 'resolves'))].reverse(), listTags),
    has: async (repository, digest) => {
      const { remote, pulls } = await own(repository);
      return pulls !== false && hasManifest(remote, digest);
    },
    usesLogin: async (repository) => {
      const routes = await routesOf(repository);
      const found = await Promise.all(routes.map((route) => findCredential(route.repository)));
      if (found.some((credential) => credential !== undefined)) return true;
      const origins = routes.flatMap(({ origin, repository: { domain } }) =>
        origin ? [origin] : originsOf(domain, familiarName(repository)),
      );
      return (await Promise.all(origins.map(network.hasOwnLogin))).includes(true);
    },
    inside: async (repository) => {
      const hidden = (await routesOf(repository)).filter(({ origin, repository: there }) => {
        const { hostname } = origin ?? originOf(there.domain, familiarName(repository));
        return isInside(hostname, network.zoneOf(hostname));
      });
      if (hidden.some(({ kind }) => kind === 'registry')) return 'registry';
      return hidden.length > 0 ? 'mirror' : undefined;
    },
    quotas: remarks.quotas,
    close: network.close,
  };
}

/** With TLS, and as it would be without. */
function originsOf(domain: string, subject: string): readonly URL[] {
  const url = originOf(domain, subject);
  return [url, new URL(`http://${domain}/`)];
}

function everyFew(ms: number, call: () => void, holds = false): () => void {
  const timer = setInterval(call, ms);
  if (!holds) timer.unref();
  return () => clearInterval(timer);
}

import type { Descriptor } from '../oci/descriptor.ts';
import { canonicalName, familiarName, type Repository } from '../oci/reference.ts';
import type { Registry } from '../ports.ts';
import type { Mirror } from '../settings.ts';
import { CHUNK_SIZE, fetchBlob } from './blobs.ts';
import { type ClientOptions, createClient } from './client.ts';
import { originOf } from './endpoints.ts';
import { isInside } from './inside.ts';
import { lanesByDomain } from './lanes.ts';
import { layerPlaces } from './layer-url.ts';
import { fetchManifest, hasManifest, resolveTag } from './manifests.ts';
import { createPlaces, type Place } from './places.ts';
import { listTags } from './tags.ts';
import { redirect } from './transport/redirect.ts';
import { newWaits, retry } from './transport/retry.ts';
import { compose } from './transport/transport.ts';

/** How to pull from registries; all but the first three have defaults. */
export interface RegistryOptions extends ClientOptions {
  /** Bytes of one part of a large blob; above two of them it comes in parts. */
  readonly chunkSize?: number | undefined;
  /** Calls back every so many milliseconds until the returned function is called. */
  readonly every?: (ms: number, call: () => void) => () => void;
}

/** The registries of the world over HTTP; nothing is sent before something is asked, and every request ends with the signal. */
export function createRegistry(options: RegistryOptions): Registry {
  const { mirrors = [], connections = 8, chunkSize = CHUNK_SIZE, every = everyFew, now = Date.now } = options;
  const { network, retries, findCredential, open } = createClient(options);
  const known = new Map<string, readonly Place[]>();
  const places = createPlaces(options.report);
  const asked = new Set<string>();
  const lanes = lanesByDomain({ connections, every });

  /** Mirrors first, the registry itself last. */
  const placesOf = (repository: Repository): readonly Place[] => {
    const key = canonicalName(repository);
    const opened = known.get(key) ?? [
      ...mirrorsOf(repository, mirrors).map((mirror): Place => {
        return { kind: 'mirror', host: mirror.domain, remote: open(mirror, { stands: familiarName(repository) }) };
      }),
      { kind: 'registry', host: repository.domain, remote: open(repository) },
    ];
    known.set(key, opened);
    return opened;
  };
  const own = (repository: Repository): readonly Place[] => placesOf(repository).slice(-1);

  function placesOfBlob(repository: Repository, blob: Descriptor, again: boolean): readonly Place[] {
    const all = again ? own(repository) : placesOf(repository);
    if (!blob.urls?.length) return all;
    const home = own(repository)[0]?.remote ?? open(repository);
    const anonymous = compose(retry(retries), redirect())(network.send);
    return [...all, ...layerPlaces(blob, home, () => network.locate(repository.domain, home.name), anonymous)];
  }

  return {
    resolve: async (repository, tag, standIn) => {
      const waits = newWaits(standIn);
      return places.first(placesOf(repository), (remote) => resolveTag(remote, tag, waits));
    },
    manifest: async (repository, digest) =>
      places.first(placesOf(repository), (remote) => fetchManifest(remote, digest)),
    blob: async function* (repository, blob, rank = 0) {
      // What is asked for again did not match its digest: then the registry itself has to answer for it, and no part of it that something on the way may mistake.
      const key = `${canonicalName(repository)}@${blob.digest}`;
      const plain = asked.has(key);
      asked.add(key);
      yield* places.bytes(placesOfBlob(repository, blob, plain), blob, (remote) =>
        fetchBlob(remote, blob, { lanes: lanes(remote.domain), rank, chunkSize, now, plain }),
      );
    },
    // A mirror may know of a few tags only, and to leave out the others would be wrong without a word.
    tags: async (repository) => places.first([...placesOf(repository)].reverse(), listTags),
    has: async (repository, digest) => hasManifest(own(repository)[0]?.remote ?? open(repository), digest),
    usesLogin: async (repository) => {
      const found = await Promise.all([...mirrorsOf(repository, mirrors), repository].map(findCredential));
      return found.some((credential) => credential !== undefined);
    },
    inside: async (repository) => {
      const isHidden = ({ domain }: Repository) => {
        const { hostname } = originOf(domain, familiarName(repository));
        return isInside(hostname, network.zoneOf(hostname));
      };
      if (isHidden(repository)) return 'registry';
      return mirrorsOf(repository, mirrors).some(isHidden) ? 'mirror' : undefined;
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

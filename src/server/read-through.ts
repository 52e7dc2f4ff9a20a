import { gate, together } from '../lib/pool.ts';
import { type Descriptor, type Document, descriptorOf } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { parseDocument } from '../oci/manifest.ts';
import { canonicalName, canonicalReference, type Repository } from '../oci/reference.ts';
import type { BlobSource, Registry, Store } from '../ports.ts';
import { completePlatforms, isWhole, type Readable, recordNames, writeDocument } from './naming.ts';
import { nameOf } from './shelf.ts';

/** What the store does not hold, from the registries it comes from; on its way it goes into the store. */
export interface ReadThrough {
  /** The manifest or index of a tag or digest, in the store by then; who asks at once shares one answer. Throws what the registry throws. */
  manifest(repository: Repository, reference: string): Promise<Descriptor>;
  /** What a manifest that came this way says of a blob; undefined for any other. */
  blob(repository: Repository, digest: Digest): Descriptor | undefined;
  /** The blobs of a repository: each is fetched once, and read by all who ask while it comes. */
  source(repository: Repository): BlobSource;
  tags(repository: Repository): Promise<readonly string[]>;
}

export interface Upstream {
  readonly registry: Registry;
  readonly store: Store;
  readonly readable: Readable;
  readonly now: () => number;
}

/** A tag that came this way, named in the store as soon as a platform of it is whole. */
interface Pending {
  readonly names: readonly string[];
  readonly target: Descriptor;
  /** Platforms that were whole when it was last named. */
  named: number;
}

/** Reads through to the registries; nothing is asked before somebody asks here. */
export function readThroughTo(upstream: Upstream): ReadThrough {
  const { registry, store } = upstream;
  const blobs = new Map<string, Descriptor>();
  const pending = new Map<string, Pending>();
  const fetching = new Set<Digest>();
  let ended = 0;
  const oneAtATime = gate(1);
  const shared = together<Descriptor>();
  const taken = new Map<string, Descriptor>();

  /** Names what has become whole. A name that cannot be written now is written with the next blob. */
  const settle = () =>
    oneAtATime(async () => {
      for (const [key, tag] of pending) {
        const platforms = await completePlatforms(store, tag.target);
        if (platforms.length <= tag.named) continue;
        const overtaken = await isOvertaken(tag);
        if (!overtaken) await recordNames(tag.names, tag.target, platforms, upstream);
        tag.named = platforms.length;
        const over = overtaken || (await isWhole(store, tag.target, platforms.length));
        if (over && pending.get(key) === tag) pending.delete(key);
      }
    }).catch(() => {});

  /** True if a name was pointed elsewhere since, as a pull does, to what is here. */
  async function isOvertaken({ names, target }: Pending): Promise<boolean> {
    for (const name of names) {
      const found = (await store.named(name))?.target;
      if (found && found.digest !== target.digest && (await store.has(found))) return true;
    }
    return false;
  }

  async function take(repository: Repository, document: Document): Promise<Descriptor> {
    const content = parseDocument(document, canonicalName(repository));
    const typed = { ...document, mediaType: content.mediaType };
    if (content.kind === 'manifest')
      for (const blob of [content.config, ...content.layers]) blobs.set(keyOf(repository, blob.digest), blob);
    await writeDocument(store, typed);
    const target = descriptorOf(typed);
    taken.set(keyOf(repository, document.digest), target);
    return target;
  }

  const fetchTag = (repository: Repository, tag: string): Promise<Descriptor> =>
    shared(`${canonicalName(repository)}:${tag}`, async () => {
      const { digest, document } = await registry.resolve(repository, tag);
      const target = document ? await take(repository, document) : await fetchDigest(repository, digest);
      const full = canonicalReference({ ...repository, tag });
      pending.set(full, { names: [...new Set([nameOf(repository, tag), full])], target, named: 0 });
      void settle();
      return target;
    });

  const fetchDigest = (repository: Repository, digest: Digest): Promise<Descriptor> =>
    shared(keyOf(repository, digest), async () => {
      // What is counted is asked for once.
      const known = taken.get(keyOf(repository, digest));
      if (known && (await store.has(known))) return known;
      const target = await take(repository, await registry.manifest(repository, digest));
      void settle();
      return target;
    });

  /** Has the blob in the store or on its way there, where who asks reads it: by one download, however many ask and whenever. */
  async function bring(repository: Repository, blob: Descriptor): Promise<void> {
    for (let seen = -1; !fetching.has(blob.digest); ) {
      // What ended while the disk was asked may have brought it.
      if (seen === ended) return fetchBlob(repository, blob);
      seen = ended;
      if (await store.has(blob)) return;
    }
  }

  function fetchBlob(repository: Repository, blob: Descriptor): void {
    const over = () => {
      fetching.delete(blob.digest);
      ended += 1;
    };
    fetching.add(blob.digest);
    store.write(blob, registry.blob(repository, blob)).then(() => {
      over();
      void settle();
    }, over);
  }

  return {
    manifest: (repository, reference) =>
      isDigest(reference) ? fetchDigest(repository, reference) : fetchTag(repository, reference),
    blob: (repository, digest) => blobs.get(keyOf(repository, digest)),
    source: (repository) => ({
      async *open(blob, range) {
        await bring(repository, blob);
        yield* store.open(blob, range);
      },
    }),
    tags: (repository) => registry.tags(repository),
  };
}

const keyOf = (repository: Repository, digest: Digest): string => `${canonicalName(repository)}@${digest}`;

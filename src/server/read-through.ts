import { together } from '../lib/pool.ts';
import { type Descriptor, type Document, descriptorOf } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { type Manifest, parseDocument } from '../oci/manifest.ts';
import { canonicalName, canonicalReference, type Repository } from '../oci/reference.ts';
import type { BlobSource, NameRecord } from '../ports.ts';
import { awaitedNames } from './awaited-names.ts';
import { type DownloadParts, type Downloads, downloads } from './downloads.ts';
import { MAX_DEPTH, type Readable, readStored, writeDocument } from './naming.ts';
import { nameOf } from './shelf.ts';

/** What the store does not hold, from the registries it comes from; on its way it goes into the store. */
export interface ReadThrough {
  /** The manifest or index of a tag or digest, in the store by then; who asks at once shares one answer. Throws what the registry throws. */
  manifest(repository: Repository, reference: string): Promise<Descriptor>;
  /** What a manifest that came this way, or was learnt, says of a blob; undefined for any other. */
  blob(repository: Repository, digest: Digest): Descriptor | undefined;
  /** Learns of the blobs of a repository from what its names lead to in the store, each document once; the names get what comes of them. Never throws. */
  learn(repository: Repository, names: readonly NameRecord[]): Promise<void>;
  /** Told of what the store had when it was asked for: another process may have brought it. */
  held(digest: Digest): void;
  readonly begin: Downloads['begin'];
  /** The blobs of a repository: each is fetched once, and read by all who ask while it comes. */
  source(repository: Repository): BlobSource;
  tags(repository: Repository): Promise<readonly string[]>;
  /** Resolves when the names are written that could be so far. */
  settled(): Promise<void>;
}

export interface Upstream extends DownloadParts {
  readonly readable: Readable;
  readonly now: () => number;
}

/** Reads through to the registries; nothing is asked before somebody asks here. */
export function readThroughTo(upstream: Upstream): ReadThrough {
  const { registry, store } = upstream;
  const blobs = new Map<string, Descriptor>();
  const learnt = new Set<string>();
  const shared = together<Descriptor>();
  const taken = new Map<string, Descriptor>();
  /** What tags and indexes lead to: it is kept by their names. */
  const led = new Set<string>();
  const awaited = awaitedNames(upstream);
  const { start, begin } = downloads(upstream, awaited.arrived);

  function know(repository: Repository, { config, layers }: Manifest): void {
    for (const blob of [config, ...layers]) blobs.set(keyOf(repository, blob.digest), blob);
  }

  async function take(repository: Repository, document: Document): Promise<Descriptor> {
    const content = parseDocument(document, canonicalName(repository));
    if (content.kind === 'index') for (const child of content.manifests) led.add(keyOf(repository, child.digest));
    const typed = { ...document, mediaType: content.mediaType };
    if (content.kind === 'manifest') know(repository, content);
    await writeDocument(store, typed);
    const target = descriptorOf(typed);
    awaited.arrived(target.digest);
    taken.set(keyOf(repository, document.digest), target);
    return target;
  }

  const fetchTag = (repository: Repository, tag: string): Promise<Descriptor> =>
    shared(`${canonicalName(repository)}:${tag}`, async () => {
      const { digest, document } = await registry.resolve(repository, tag);
      const target = document ? await take(repository, document) : await fetchDigest(repository, digest);
      led.add(keyOf(repository, target.digest));
      const full = canonicalReference({ ...repository, tag });
      void awaited.expect({ names: [...new Set([nameOf(repository, tag), full])], target });
      return target;
    });

  const fetchDigest = (repository: Repository, digest: Digest): Promise<Descriptor> =>
    shared(keyOf(repository, digest), async () => {
      // What is counted is asked for once.
      const known = taken.get(keyOf(repository, digest));
      if (known && (await store.has(known))) return known;
      return take(repository, await registry.manifest(repository, digest));
    });

  /** As somebody who pulls by digest: it has no other name. */
  async function named(repository: Repository, digest: Digest): Promise<Descriptor> {
    const target = await fetchDigest(repository, digest);
    const names = [nameOf(repository, digest), keyOf(repository, digest)];
    if (!led.has(keyOf(repository, digest))) void awaited.expect({ names: [...new Set(names)], target });
    return target;
  }

  /** An index is read again while the store lacks a manifest of it. */
  async function learnFrom(repository: Repository, document: Descriptor, depth = 0): Promise<boolean> {
    const key = keyOf(repository, document.digest);
    if (learnt.has(key)) return true;
    const content = (await readStored(store, document).catch(() => undefined))?.content;
    if (!content || depth > MAX_DEPTH) return false;
    let all = true;
    if (content.kind === 'manifest') know(repository, content);
    else for (const child of content.manifests) all = (await learnFrom(repository, child, depth + 1)) && all;
    if (all) learnt.add(key);
    return all;
  }

  return {
    manifest: (repository, reference) =>
      isDigest(reference) ? named(repository, reference) : fetchTag(repository, reference),
    blob: (repository, digest) => blobs.get(keyOf(repository, digest)),
    async learn(repository, records) {
      for (const { name, target } of records) {
        await learnFrom(repository, target);
        const key = `${name} ${target.digest}`;
        if (learnt.has(key)) continue;
        learnt.add(key);
        void awaited.expect({ names: [name], target, named: true });
      }
    },
    held: awaited.arrived,
    begin,
    source: (repository) => ({
      async *open(blob, range) {
        await start(repository, blob);
        yield* store.open(blob, range);
      },
    }),
    tags: (repository) => registry.tags(repository),
    settled: awaited.settled,
  };
}

const keyOf = (repository: Repository, digest: Digest): string => `${canonicalName(repository)}@${digest}`;

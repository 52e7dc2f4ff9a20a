import { PullError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { isIndexType } from '../oci/media-types.ts';
import { familiarReference, isTag, parseReference, type Reference, type Repository } from '../oci/reference.ts';
import type { StoreContents } from '../ports/store-contents.ts';
import type { NameRecord, Store } from '../ports.ts';
import { MAX_DEPTH, readStored } from './naming.ts';

/** The repositories a path of ours stands for: the one that is pushed to, and the one it is a copy of where it has nothing. */
export interface Shelf {
  readonly own: Repository;
  /** As the client says by `ns`, as the path says by a host in front, else of Docker Hub. */
  readonly upstream: Repository | undefined;
}

/** The shelf of a path; throws REFERENCE_INVALID for what is no repository's path (distribution-spec v1.1, "Pulling manifests"). */
export function shelfOf(path: string, ns: string | undefined, domain: string): Shelf {
  const own = repositoryIn(`${domain}/${path}`);
  try {
    return { own, upstream: repositoryIn(ns ? `${ns}/${path}` : path) };
  } catch {
    return { own, upstream: undefined };
  }
}

/** A name with a tag or a digest is none of a repository. */
function repositoryIn(text: string): Repository {
  const { domain, path, tag, digest } = parseReference(text);
  if (tag === undefined && digest === undefined) return { domain, path };
  throw new PullError(
    'REFERENCE_INVALID',
    text,
    'invalid reference format: expected a repository without tag or digest',
  );
}

/** The name of a tag or digest of a repository in the store: as Docker prints it. */
export const nameOf = (repository: Repository, reference: string): string =>
  familiarReference(isDigest(reference) ? { ...repository, digest: reference } : { ...repository, tag: reference });

/** What the names of a store say of repositories. */
export interface Shelves {
  /** What a tag or digest means: what was pushed there first, then what the store holds of the upstream. Undefined if neither does. */
  find(shelf: Shelf, reference: string): Promise<Descriptor | undefined>;
  /** Tags in the order of the spec ("Listing Tags"), each once. */
  tags(shelf: Shelf): Promise<readonly string[]>;
  /** The names of one repository. */
  namesIn(repository: Repository): Promise<readonly NameRecord[]>;
  /** True if an index that a name of the repository leads to lists the digest. */
  isChild(repository: Repository, digest: Digest): Promise<boolean>;
}

/** The repositories of a store, each time as its names are then. */
export function shelvesOf(store: Store, contents: StoreContents): Shelves {
  const held = async (target: Descriptor | undefined) => (target && (await store.has(target)) ? target : undefined);

  async function namesIn({ domain, path }: Repository): Promise<readonly NameRecord[]> {
    return (await contents.names()).filter(({ name }) => {
      const found = readName(name);
      return found?.domain === domain && found.path === path;
    });
  }

  /** A document that an index leads to. */
  async function childOf(target: Descriptor, digest: Digest, depth = 0): Promise<Descriptor | undefined> {
    if (!isIndexType(target.mediaType) || depth > MAX_DEPTH) return undefined;
    const children = await childrenOf(store, target);
    const child = children.find((each) => each.digest === digest);
    if (child) return child;
    for (const each of children) {
      const found = await childOf(each, digest, depth + 1);
      if (found) return found;
    }
    return undefined;
  }

  async function lookUp(repository: Repository | undefined, reference: string): Promise<Descriptor | undefined> {
    if (!repository) return undefined;
    const named = await held((await store.named(nameOf(repository, reference)))?.target);
    if (named || !isDigest(reference)) return named;
    const records = await namesIn(repository);
    const same = await held(records.find(({ target }) => target.digest === reference)?.target);
    if (same) return same;
    for (const { target } of records) {
      const child = await held(await childOf(target, reference));
      if (child) return child;
    }
    return undefined;
  }

  return {
    namesIn,
    find: async ({ own, upstream }, reference) => (await lookUp(own, reference)) ?? lookUp(upstream, reference),
    async tags({ own, upstream }) {
      const records = [...(await namesIn(own)), ...(upstream ? await namesIn(upstream) : [])];
      return sortedTags(records.map(({ name }) => readName(name)?.tag ?? ''));
    },
    async isChild(repository, digest) {
      for (const { target } of await namesIn(repository)) if (await childOf(target, digest)) return true;
      return false;
    },
  };
}

/** In lexical order, which the spec has as case-insensitive; each once. */
export function sortedTags(tags: readonly string[]): readonly string[] {
  const order = (a: string, b: string) => (a < b ? -1 : Number(a > b));
  return [...new Set(tags.filter(isTag))].sort((a, b) => order(a.toLowerCase(), b.toLowerCase()) || order(a, b));
}

async function childrenOf(store: Store, document: Descriptor): Promise<readonly Descriptor[]> {
  try {
    const content = (await readStored(store, document))?.content;
    return content?.kind === 'index' ? content.manifests : [];
  } catch (error) {
    if (error instanceof PullError) return [];
    throw error;
  }
}

function readName(name: string): Reference | undefined {
  try {
    return parseReference(name);
  } catch {
    return undefined;
  }
}

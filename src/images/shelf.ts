import type { Store, StoreCare } from '../ports.ts';
import { type Contents, contentsOf, idsOf } from './contents.ts';
import { type Entry, entriesOf, findEntries } from './entries.ts';

/** A name of the store with what it leads to. */
export interface Shelved extends Entry {
  readonly contents: Contents;
}

/** The images of a store as they are now, the last used first, and those that a text means; throws MANIFEST_INVALID, `find` what `findEntries` throws. */
export interface Shelf {
  readonly images: readonly Shelved[];
  find(text: string): readonly Shelved[];
}

/** Reads every name of the store, and each target once. */
export async function readShelf(store: Store, care: StoreCare): Promise<Shelf> {
  const entries = entriesOf(await care.list());
  const targets = [...new Set(entries.map(({ target }) => target))];
  const read = targets.map(async (digest) => {
    const size = entries.find(({ target }) => target === digest)?.blobs.get(digest) ?? 0;
    return [digest, await contentsOf(store, { mediaType: '', digest, size })] as const;
  });
  const contents = new Map(await Promise.all(read));
  const images = entries.map((entry): Shelved => ({ ...entry, contents: contents.get(entry.target) ?? EMPTY }));
  const ids = (entry: Entry) => idsOf(entry.target, contents.get(entry.target) ?? EMPTY);
  return {
    images,
    find(text) {
      const found = new Set(findEntries(text, entries, ids).map(({ name }) => name));
      return images.filter(({ name }) => found.has(name));
    },
  };
}

const EMPTY: Contents = { mediaType: '', held: [], missing: [] };

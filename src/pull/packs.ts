import { PullError } from '../errors.ts';
import { once } from '../lib/pool.ts';
import type { Digest } from '../oci/digest.ts';
import { MAX_DOCUMENT_BYTES } from '../oci/manifest.ts';
import type { CacheEntry, EntryFile, Ports } from '../ports.ts';
import { blobName, layerKey, packKey } from './cache-keys.ts';
import type { Meter } from './meter.ts';

/** What the cache between jobs has for this run. Nothing of it is believed: every file goes through the store's door. */
export interface Packs {
  /** Opens the packs of a target, each once; true for those that the cache had. */
  open(target: Digest, asked: readonly string[]): Promise<readonly boolean[]>;
  /** Moves a document out of an open pack into the store; false if none has it. */
  takeDocument(digest: Digest): Promise<boolean>;
  /** Moves a blob out of an open pack or an entry of its own into the store; the seconds it took, undefined if the cache has it not. */
  take(blob: { readonly digest: Digest; readonly size: number }): Promise<number | undefined>;
  /** True if an open pack has the blob, so that it is on this machine already. */
  holds(digest: Digest): boolean;
  /** From now on blobs come out of open packs only, no entry is brought for them. */
  openNoMore(): void;
  /** Removes what was not taken. */
  close(): Promise<void>;
}

/** Layers from this size on have entries of their own, so that images share them; smaller ones go with their image's pack. */
export const OWN_ENTRY_BYTES = 16 * 1024 * 1024;

/** Opens nothing before it is asked to. */
export function packsOf(
  { cache, store, report, now }: Pick<Ports, 'cache' | 'store' | 'report' | 'now'>,
  meter: Meter,
): Packs {
  const opened = once<CacheEntry | undefined>();
  const entries: CacheEntry[] = [];
  const files = new Map<string, EntryFile>();
  let opensMore = true;

  async function restore(key: string, size?: number): Promise<CacheEntry | undefined> {
    const startedAt = now();
    const entry = await cache.restore(key, size);
    if (entry) {
      meter.add('cache', entry.bytes, startedAt, now());
      entries.push(entry);
    }
    return entry;
  }

  /** True if the file was the blob and is in the store now; a wrong one is reported and gone. */
  async function adopt(
    file: EntryFile | undefined,
    blob: { readonly digest: Digest; readonly size: number },
  ): Promise<boolean> {
    if (!file) return false;
    try {
      await store.adopt(file.path, blob);
      return true;
    } catch (error) {
      if (!(error instanceof PullError) || ['CANCELLED', 'DISK_FULL'].includes(error.code)) throw error;
      return wrong(blob.digest, error.reason);
    }
  }

  function wrong(digest: Digest, reason: string): false {
    const message = `The Actions cache holds something else for ${digest} (${reason}): it is fetched from the registry.`;
    report({ type: 'warning', message });
    return false;
  }

  function unpack(digest: Digest): EntryFile | undefined {
    const file = files.get(blobName(digest));
    files.delete(blobName(digest));
    return file;
  }

  return {
    async open(target, asked) {
      if (!cache.readable) return asked.map(() => false);
      const keys = asked.map((each) => packKey(target, each));
      const found = await Promise.all(keys.map((key) => opened(key, () => restore(key))));
      for (const entry of found) for (const file of entry?.files ?? []) files.set(file.name, file);
      return found.map((entry) => {
        if (!entry || entry.files.some(({ name }) => name === blobName(target))) return entry !== undefined;
        report({ type: 'warning', message: `The Actions cache holds something else for ${target}: it is not used.` });
        return false;
      });
    },
    async takeDocument(digest) {
      const file = unpack(digest);
      // An archive says how large a file is without holding as much, and what has to be hashed must end.
      if (file && file.size > MAX_DOCUMENT_BYTES)
        return wrong(digest, `expected at most ${MAX_DOCUMENT_BYTES} bytes, found ${file.size}`);
      return adopt(file, { digest, size: file?.size ?? 0 });
    },
    async take(blob) {
      const startedAt = now();
      const seconds = () => (now() - startedAt) / 1000;
      if (await adopt(unpack(blob.digest), blob)) return seconds();
      // A pack that is full leaves its largest layers to entries of their own, whatever their size.
      if (!opensMore || !cache.readable || (blob.size < OWN_ENTRY_BYTES && entries.length === 0)) return undefined;
      const entry = await restore(layerKey(blob.digest), blob.size);
      const own = entry?.files.find((file) => file.name === blobName(blob.digest));
      return (await adopt(own, blob)) ? seconds() : undefined;
    },
    holds: (digest) => files.has(blobName(digest)),
    openNoMore() {
      opensMore = false;
    },
    close: async () => void (await Promise.all(entries.map((entry) => entry.dispose()))),
  };
}

import { resolve } from 'node:path';
import { batched } from '../lib/pool.ts';
import type { NameRecord, Store } from '../ports.ts';
import { arrivingIn } from './arriving.ts';
import { holds, readBlob, removeBlob, streamBlob } from './blob-file.ts';
import { type ExclusiveOptions, exclusiveIn } from './exclusive.ts';
import type { FillPool } from './fill-pool.ts';
import { freeBytesAt } from './free-space.ts';
import { adoptBlob, writeBlob } from './ingest.ts';
import { prepareLayout } from './layout-folder.ts';
import { removeLease, writeLease } from './lease.ts';
import { namesSay, readName, touchName, writeNames } from './names.ts';
import { indexIsThere, indexLists, indexMentions, rebuildIndex } from './root-index.ts';

/** Smaller blobs come in one piece, and no thread is worth its start. */
const LARGE = 16 * 1024 * 1024;

export interface StoreOptions extends ExclusiveOptions {
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
  /** Threads for large blobs whose content can make use of one. */
  readonly pool?: FillPool | undefined;
}

/**
 * The store in this folder, made if the folder is absent or empty. Throws STORE_UNUSABLE if it cannot be written to or
 * holds something else, DISK_FULL, or STORE_LOCKED. The layout is valid at every moment, whoever is killed when: what
 * is unfinished lies in `ingest/` and nowhere else.
 */
export async function openStore(folder: string, options: StoreOptions = {}): Promise<Store> {
  const { run = 'local', now = Date.now, signal } = options;
  const root = resolve(folder);
  await prepareLayout(root);
  const exclusive = exclusiveIn(root, options);
  const arriving = arrivingIn(root);
  const waiting: NameRecord[] = [];
  const reindex = batched(() => {
    const names = waiting.splice(0);
    return exclusive(async () => {
      await writeNames(root, names);
      await rebuildIndex(root);
    });
  });
  const isRecorded = async (names: readonly NameRecord[]) =>
    (await indexLists(root, names)) && (await namesSay(root, names));
  if (!(await indexIsThere(root))) {
    // Who begins with nothing has something to fetch.
    options.pool?.expect(2);
    await reindex();
  }

  return {
    root,
    expect(blobs) {
      options.pool?.expect(blobs.filter(({ size }) => size > LARGE).length);
    },
    has: (blob) => holds(root, blob),
    read: (digest) => readBlob(root, digest),
    open: (blob, range) =>
      arriving.follow(blob, range ?? { start: 0, end: blob.size }) ?? streamBlob(root, blob, range),
    async write(blob, content) {
      const writing = arriving.begin(blob);
      try {
        await writeBlob(root, blob, content, writing.advance, options.pool);
        writing.end();
      } catch (error) {
        writing.end(error);
        throw error;
      }
    },
    adopt: (file, blob) => adoptBlob(root, file, blob, signal),

    async discard(digest) {
      await removeBlob(root, digest);
      if (await indexMentions(root, digest)) await reindex();
    },

    async record(names) {
      // A hit, where only the time of a name is new, takes no lock; whether a sweep came in between is seen afterwards.
      if (await isRecorded(names)) {
        await writeNames(root, names);
        if (await isRecorded(names)) return;
      }
      waiting.push(...names);
      await reindex();
    },

    async named(name): Promise<NameRecord | undefined> {
      const record = await readName(root, name);
      if (record !== undefined) await touchName(root, name, now());
      return record;
    },

    // Never while somebody sweeps: he would not know of it.
    lease: (digests, keep) => exclusive(() => writeLease(root, run, digests, now(), keep)),
    release: (lease) => removeLease(root, lease),
    freeBytes: () => freeBytesAt(root),
  };
}

import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { NameRecord, Store } from '../ports.ts';
import { holds, readBlob, removeBlob, streamBlob } from './blob-file.ts';
import { adoptBlob, writeBlob } from './ingest.ts';
import { LOCK, prepareLayout } from './layout-folder.ts';
import { writeLease } from './lease.ts';
import { type LockTimes, withLock } from './lock.ts';
import { readName, touchName, writeNames } from './names.ts';
import { indexIsThere, indexLists, indexMentions, rebuildIndex } from './root-index.ts';

export interface StoreOptions {
  /** The job, for people: in lease files and where others wait for the lock. `GITHUB_RUN_ID` on a runner. */
  readonly run?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
  readonly lockTimes?: LockTimes | undefined;
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
  const holder = `${hostname()}, process ${process.pid}, run ${run}`.replaceAll('"', "'");
  const lock = { holder, signal, times: options.lockTimes };
  const reindex = batched(() => withLock(join(root, LOCK), lock, () => rebuildIndex(root)));
  if (!(await indexIsThere(root))) await reindex();

  return {
    root,
    has: (blob) => holds(root, blob),
    read: (digest) => readBlob(root, digest),
    open: (blob) => streamBlob(root, blob),
    write: (blob, content) => writeBlob(root, blob, content),
    adopt: (file, blob) => adoptBlob(root, file, blob, signal),

    async discard(digest) {
      await removeBlob(root, digest);
      if (await indexMentions(root, digest)) await reindex();
    },

    async record(names) {
      await writeNames(root, names);
      // A hit, where only the time of a name is new, takes no lock.
      if (!(await indexLists(root, names))) await reindex();
    },

    async named(name): Promise<NameRecord | undefined> {
      const record = await readName(root, name);
      if (record !== undefined) await touchName(root, name, now());
      return record;
    },

    lease: (digests) => writeLease(root, run, digests, now()),
  };
}

/** The work, one at a time; all who ask while a call has not begun share that call. */
function batched(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= last.then(() => {
      next = undefined;
      return work();
    });
    last = next.catch(() => {});
    return next;
  };
}

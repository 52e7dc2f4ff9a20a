import { batched } from '../lib/pool.ts';
import type { Digest } from '../oci/digest.ts';
import type { StoreContents } from '../ports/store-contents.ts';
import type { Store } from '../ports.ts';

/** So long who pushes may take from hearing that a blob is here to naming it: as long as a sweep spares blobs without a name. */
const LIFETIME_MS = 60 * 60 * 1000;
/** Blobs. Of more, those that were told of longest ago are kept no longer: whoever asks for everything is not to fill the memory. */
const MOST = 4096;

/** What clients were told is here, so that they do not push it: it stays until the manifest has come that lists it, for an hour or two at most. */
export interface Told {
  /** Bytes of a blob for who may push a manifest with it to the repository at the path; undefined if it is not here. */
  sizeOf(path: string, digest: Digest): Promise<number | undefined>;
  /** Keeps what has come, or is about to, with what it lists. Never throws: where nothing can be marked, nothing is kept. */
  keep(path: string, digest: Digest, lists?: readonly Digest[]): Promise<void>;
  /** A client that was told of these, each once, has named them, or will not. Never throws. */
  over(path: string, digests: readonly Digest[]): Promise<void>;
  /** Somebody wants it gone. Never throws. */
  forget(digest: Digest): Promise<void>;
  /** Keeps nothing any more. */
  end(): Promise<void>;
}

interface Telling {
  readonly digests: readonly Digest[];
  /** Milliseconds since the epoch. */
  readonly until: number;
  times: number;
  isMarked: boolean;
}

/** Nothing is told yet. All of it is one lease of the store, written anew with what is new and not with every question. */
export function toldBy({
  store,
  contents,
  now,
}: {
  readonly store: Pick<Store, 'lease' | 'release'>;
  readonly contents: Pick<StoreContents, 'sizeOf'>;
  readonly now: () => number;
}): Told {
  const tellings = new Map<string, Telling>();
  let lease: string | undefined;
  let ended = false;

  const mark = batched(async () => {
    let room = MOST;
    for (const [key, { until, digests }] of [...tellings].reverse()) {
      room -= digests.length;
      if (room < 0 || until <= now()) tellings.delete(key);
    }
    const all = ended ? [] : [...tellings.values()];
    const next =
      all.length > 0
        ? await store.lease(
            all.flatMap(({ digests }) => digests),
            LIFETIME_MS,
          )
        : undefined;
    const before = lease;
    lease = next;
    for (const telling of all) telling.isMarked = true;
    if (before !== undefined) await store.release(before);
  });
  const marked = () => mark().catch(() => {});

  async function keep(path: string, digest: Digest, lists: readonly Digest[] = []): Promise<void> {
    const key = keyOf(path, digest);
    const known = tellings.get(key);
    if (known) known.times += 1;
    if (known?.isMarked && known.until - now() > LIFETIME_MS / 2) return;
    // Behind all others, for those in front go first.
    tellings.delete(key);
    const times = known?.times ?? 1;
    const digests = [...new Set([digest, ...lists, ...(known?.digests ?? [])])];
    tellings.set(key, { digests, until: now() + LIFETIME_MS, times, isMarked: false });
    await marked();
  }

  async function over(path: string, digests: readonly Digest[]): Promise<void> {
    let isLess = false;
    for (const digest of digests) {
      const telling = tellings.get(keyOf(path, digest));
      if (!telling) continue;
      telling.times -= 1;
      if (telling.times <= 0) isLess = tellings.delete(keyOf(path, digest)) || isLess;
    }
    if (isLess) await marked();
  }

  return {
    keep,
    over,
    async sizeOf(path, digest) {
      if ((await contents.sizeOf(digest)) === undefined) return undefined;
      await keep(path, digest);
      // A sweep may have been under way before it was marked.
      const size = await contents.sizeOf(digest);
      if (size === undefined) await over(path, [digest]);
      return size;
    },
    async forget(digest) {
      const keys = [...tellings].filter(([, { digests }]) => digests.includes(digest)).map(([key]) => key);
      for (const key of keys) tellings.delete(key);
      if (keys.length > 0) await marked();
    },
    async end() {
      ended = true;
      await marked();
    },
  };
}

const keyOf = (path: string, digest: Digest): string => `${digest} ${path}`;

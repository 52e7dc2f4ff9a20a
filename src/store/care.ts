import type { StoreCare, StoredImage } from '../ports.ts';
import { listBlobs } from './blob-list.ts';
import { checkStore } from './check.ts';
import { type ExclusiveOptions, exclusiveIn } from './exclusive.ts';
import { listNameUses } from './names.ts';
import { startsOf, storeWalk } from './reachable.ts';
import { removeNames } from './remove.ts';
import { sweepStore } from './sweep.ts';

export interface CareOptions extends ExclusiveOptions {
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
  /** Blobs that are removed before others may have the lock. */
  readonly round?: number | undefined;
}

const ROUND = 100;

/** What keeps the layout in this folder in order; a store must have been opened there before. */
export function storeCare(root: string, options: CareOptions = {}): StoreCare {
  const { now = Date.now, round = ROUND } = options;
  const exclusive = exclusiveIn(root, options);
  return {
    list: () => listImages(root),
    verify: () => checkStore(root, exclusive),
    sweep: (maxBytes) => sweepStore(root, exclusive, { bytes: maxBytes, round }, now),
    remove: (names) => removeNames(root, exclusive, new Set(names), now),
  };
}

async function listImages(root: string): Promise<readonly StoredImage[]> {
  const walk = storeWalk(root);
  const sizes = new Map((await listBlobs(root)).map(({ digest, size }) => [digest, size]));
  const images = (await listNameUses(root)).map(async ({ record, usedAt }): Promise<StoredImage> => {
    const { name, target } = record;
    const reached = await walk(startsOf(record));
    const blobs = new Map([...reached].flatMap((digest) => entryOf(sizes, digest)));
    const bytes = [...blobs.values()].reduce((sum, size) => sum + size, 0);
    return { name, target: target.digest, bytes, blobs, usedAt };
  });
  return (await Promise.all(images)).sort((a, b) => b.usedAt - a.usedAt || (a.name < b.name ? -1 : 1));
}

function entryOf<K, V>(map: ReadonlyMap<K, V>, key: K): [K, V][] {
  const value = map.get(key);
  return value === undefined ? [] : [[key, value]];
}

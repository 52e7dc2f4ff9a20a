import { gate } from '../lib/pool.ts';
import type { Digest } from '../oci/digest.ts';
import type { KeptImage, KeptPack, Saved, Sized } from '../outcome.ts';
import { MOST_PACK_BYTES } from '../ports/layer-cache.ts';
import type { CacheFile, Ports, Registry, SaveOutcome } from '../ports.ts';
import { blobName, layerKey, packKey, parseTagKey, tagKey, tagPrefix } from './cache-keys.ts';
import { MAX_SKEW_MS } from './last-known.ts';
import { OWN_ENTRY_BYTES } from './packs.ts';

/** An entry to be saved: its key, the blobs in it and their bytes together. */
export interface Candidate {
  readonly key: string;
  readonly blobs: readonly Sized[];
  readonly bytes: number;
}

/** What a run may save. Bytes and a number of entries, for a good neighbour leaves room for others (design §3.4). */
export interface SaveLimits {
  readonly bytes: number;
  readonly entries: number;
}

const POINTER_AGE_MS = 24 * 3600 * 1000;

/**
 * Pure: the entries a run's images call for, largest layers first, each key once. Images of which a registry sent nothing call for none: what the cache or an
 * earlier job had needs no saving.
 */
export function candidatesOf(images: readonly KeptImage[]): readonly Candidate[] {
  const candidates = new Map<string, Candidate>();
  const add = (key: string, blobs: readonly Sized[]) =>
    candidates.set(key, { key, blobs, bytes: blobs.reduce((sum, { size }) => sum + size, 0) });
  for (const image of images) {
    const fetched = new Set<Digest>(image.fetched);
    if (fetched.size === 0) continue;
    for (const pack of image.packs) {
      const { packed, own } = splitPack(pack);
      for (const blob of own) if (fetched.has(blob.digest)) add(layerKey(blob.digest), [blob]);
      if (!pack.fromCache) add(packKey(image.target, pack.asked), packed);
    }
  }
  return [...candidates.values()].sort(
    (a, b) => Number(b.blobs.length === 1) - Number(a.blobs.length === 1) || b.bytes - a.bytes,
  );
}

/** Pure: what goes into a pack, and what is large enough, or too much for it, to be an entry of its own. */
export function splitPack({ documents, blobs }: KeptPack): {
  readonly packed: readonly Sized[];
  readonly own: readonly Sized[];
} {
  const own = blobs.filter(({ size }) => size >= OWN_ENTRY_BYTES);
  const small = blobs.filter(({ size }) => size < OWN_ENTRY_BYTES).sort((a, b) => a.size - b.size);
  let room = MOST_PACK_BYTES - documents.reduce((sum, { size }) => sum + size, 0);
  const fits = small.filter(({ size }) => {
    room -= size;
    return room >= 0;
  });
  return { packed: [...documents, ...fits], own: [...own, ...small.filter((blob) => !fits.includes(blob))] };
}

/** Saves what the images call for, four entries at a time; what is beyond the limits, or still to come when the signal is aborted, is left out and counted. */
export async function saveImages(
  images: readonly KeptImage[],
  limits: SaveLimits,
  ports: Pick<Ports, 'cache' | 'store' | 'now' | 'signal'>,
  fileOf: (digest: Digest) => string,
): Promise<Omit<Saved, 'withheld'>> {
  const { cache, signal } = ports;
  const few = gate(4);
  // Packs share blobs: a link made for one changes the file under the tar of another, which takes that for a fault.
  const one = gate(1);
  const outcomes: { readonly outcome: SaveOutcome; readonly candidate: Candidate }[] = [];
  const chosen = { entries: 0, bytes: 0 };
  const left = { entries: 0, bytes: 0 };
  await Promise.all(
    candidatesOf(images).map((candidate) =>
      (candidate.blobs.length === 1 ? few : one)(async () => {
        if (signal.aborted || chosen.entries + 1 > limits.entries || chosen.bytes + candidate.bytes > limits.bytes) {
          left.entries += 1;
          left.bytes += candidate.bytes;
          return;
        }
        chosen.entries += 1;
        chosen.bytes += candidate.bytes;
        const files = candidate.blobs.map(
          ({ digest }): CacheFile => ({ name: blobName(digest), path: fileOf(digest) }),
        );
        const outcome = await cache.save(candidate.key, files);
        if (outcome !== 'saved') {
          chosen.entries -= 1;
          chosen.bytes -= candidate.bytes;
        }
        outcomes.push({ outcome, candidate });
      }),
    ),
  );
  const saved = outcomes.filter(({ outcome }) => outcome === 'saved');
  return {
    entries: saved.length,
    bytes: saved.reduce((sum, { candidate }) => sum + candidate.bytes, 0),
    present: outcomes.filter(({ outcome }) => outcome === 'exists').length,
    failed: outcomes.filter(({ outcome }) => outcome === 'failed' || outcome === 'refused').length,
    left,
  };
}

/**
 * The images that may be saved where strangers can read: those that came from the internet without a login, and those that the registry gives to anybody. None of a
 * registry that strangers do not reach: whoever asks it from inside is no stranger.
 */
export async function publicOnly(
  images: readonly KeptImage[],
  anonymous: Pick<Registry, 'has'>,
): Promise<readonly KeptImage[]> {
  const few = gate(4);
  const isOpen = async ({ withLogin, inside, reference, target }: KeptImage) => {
    if (inside === 'registry') return false;
    return (!withLogin && inside === undefined) || anonymous.has(reference, target);
  };
  const open = await Promise.all(images.map((image) => few(() => isOpen(image))));
  return images.filter((_, position) => open[position]);
}

/** Points the cache at the digest each tag had in this run, where its last pointer says another or is over a day old; at most so many. */
export async function saveTags(
  images: readonly KeptImage[],
  ports: Pick<Ports, 'cache' | 'now'>,
  pointerFile: CacheFile,
  most: number,
): Promise<number> {
  const { cache, now } = ports;
  let room = most;
  // One after another: all are made of one file.
  const one = gate(1);
  const tagged = new Map(images.filter(({ tagAsked }) => tagAsked).map((image) => [tagPrefix(image.reference), image]));
  const outcomes = await Promise.all(
    [...tagged].map(([prefix, { reference, target }]) =>
      one(async () => {
        const newest = await cache.newest(prefix);
        const parsed = newest === undefined ? undefined : parseTagKey(reference, newest);
        const pointer = parsed && parsed.at <= now() + MAX_SKEW_MS ? parsed : undefined;
        if (pointer && pointer.digest === target && now() - pointer.at <= POINTER_AGE_MS) return 'exists';
        if (room < 1) return 'refused';
        room -= 1;
        // Never the key of an earlier pointer, and always newer than the last: a tag may come back within a second.
        const at = Math.max(now(), (pointer?.at ?? 0) + 1000);
        return cache.save(tagKey(reference, target, at), [pointerFile]);
      }),
    ),
  );
  return outcomes.filter((outcome) => outcome === 'saved').length;
}

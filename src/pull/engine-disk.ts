import { PullError } from '../errors.ts';
import { formatBytes } from '../lib/format.ts';
import type { Digest } from '../oci/digest.ts';
import type { EngineDisk } from '../ports.ts';
import { heldByEngine, type Plan } from './plan.ts';
import type { Present } from './present.ts';
import type { Resolved } from './resolve.ts';
import type { Run } from './run.ts';

/** Images an engine takes in side by side: more only wait for each other's disk. */
const AT_ONCE = 6;
/** What layers take unpacked, as a multiple of their size: three is common, and only a guess is needed. */
const UNPACKED = 3;

/**
 * How many images may go into the engine at once with the room it has, which is compared before any byte moves (design §3.13): one at a time where packed and
 * unpacked layers of all might not fit side by side. Throws DISK_FULL for the whole run if an engine without any image has not even room for the layers as they
 * are, or twice that where it keeps them packed too. An engine elsewhere, or one that does not say, is believed to have room.
 */
export async function handOversThatFit(
  resolved: readonly Resolved[],
  present: Present,
  plan: Plan,
  run: Run,
): Promise<number> {
  const { engine, store } = run.ports;
  const needed = bytesToSend(resolved, present);
  const disk = needed > 0 ? await engine?.disk?.(store.root) : undefined;
  if (!engine || !disk) return AT_ONCE;
  const beside = disk.shared ? plan.missing.reduce((sum, { blob }) => sum + blob.size, 0) : 0;
  // Unpacked they are hardly ever smaller than packed.
  const least = needed * (disk.keepsPacked ? 2 : 1) + beside;
  if (disk.empty && least > disk.freeBytes) {
    await run.packs.close();
    throw tooLarge(engine.title, disk, least);
  }
  return needed * (1 + UNPACKED) + beside > disk.freeBytes ? 1 : AT_ONCE;
}

/** Bytes of the distinct layers of images that the engine has not. */
function bytesToSend(resolved: readonly Resolved[], present: Present): number {
  const sizes = new Map<Digest, number>();
  for (const image of resolved) {
    if (image.kind !== 'image' || present.unloadable.has(image.key)) continue;
    for (const leaf of image.resolution.platforms) {
      if (heldByEngine(leaf, image.key, present)) continue;
      for (const { digest, size } of leaf.manifest.layers) sizes.set(digest, size);
    }
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function tooLarge(title: string, { path, freeBytes, keepsPacked }: EngineDisk, needed: number): PullError {
  const [least, free] = [formatBytes(needed), formatBytes(freeBytes)];
  const what = keepsPacked ? 'to keep the images, packed and unpacked,' : 'to unpack the images';
  const reason = `at least ${least} are needed ${what} and ${free} are free at ${path}; nothing was fetched`;
  return new PullError('DISK_FULL', title, reason, {
    hint: 'Free some space there (`docker system prune`), or use engine: none to keep the images in the store.',
  });
}

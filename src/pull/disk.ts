import { PullError } from '../errors.ts';
import { formatBytes } from '../lib/format.ts';
import { OWN_ENTRY_BYTES } from './packs.ts';
import type { Plan, PlannedBlob } from './plan.ts';
import type { Run } from './run.ts';

/** Entries of the cache that are unpacked at the same time. */
const ENTRIES_AT_ONCE = 4;

/**
 * Compares what is to come with what is free where the store is, before any byte moves (design §3.13). Throws DISK_FULL for the whole run if it does not fit;
 * what fits only without the cache's archives beside it is fetched without them, with a warning.
 */
export async function makeSureItFits(plan: Plan, run: Run): Promise<void> {
  const { store, cache, report } = run.ports;
  // What lies in an open pack is on this disk already, and will be moved.
  const missing = plan.missing.filter(({ blob }) => !run.packs.holds(blob.digest));
  if (missing.length === 0) return;
  const free = await store.freeBytes();
  const needed = bytesOf(missing);
  if (needed > free) {
    await run.packs.close();
    throw tooLarge(needed, free, store.root);
  }
  const staging = cache.readable ? stagingBytes(missing) : 0;
  if (needed + staging <= free || run.request.policy === 'never') return;
  run.packs.openNoMore();
  const figures = `${formatBytes(needed + staging)} needed, ${formatBytes(free)} free`;
  report({
    type: 'warning',
    message: `${store.root} has no room for layers and the archives of the Actions cache (${figures}): layers come from the registry.`,
  });
}

/** Pure: the most that archives of the cache take while layers are restored from it, in bytes; only large layers have entries of their own. */
export function stagingBytes(missing: readonly PlannedBlob[]): number {
  const large = missing.filter(({ blob }) => blob.size >= OWN_ENTRY_BYTES).sort((a, b) => b.blob.size - a.blob.size);
  return bytesOf(large.slice(0, ENTRIES_AT_ONCE));
}

const bytesOf = (blobs: readonly PlannedBlob[]): number => blobs.reduce((sum, { blob }) => sum + blob.size, 0);

function tooLarge(needed: number, free: number, root: string): PullError {
  const reason = `${formatBytes(needed)} are to be stored and ${formatBytes(free)} are free on its disk; nothing was fetched`;
  const hint =
    'Free some space there, lower `store-max-size`, or let the input `store` name a folder on a larger disk.';
  return new PullError('DISK_FULL', root, reason, { hint });
}

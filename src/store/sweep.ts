import { setTimeout as sleep } from 'node:timers/promises';
import { removeBlob } from './blob-file.ts';
import { listBlobs } from './blob-list.ts';
import type { Exclusive } from './exclusive.ts';
import { clearIngest } from './layout-folder.ts';
import { leasedDigests } from './lease.ts';
import type { Held } from './lock.ts';
import { listNames, listNameUses, type NameUse } from './names.ts';
import { startsOf, storeWalk, type Walk } from './reachable.ts';
import { foreignTargets, rebuildIndex } from './root-index.ts';
import { countImages, planSweep, type Reaching, type SweepLimits, type SweepView } from './sweep-plan.ts';
import { removeUnchanged } from './unchanged.ts';

/** Long enough for those who wait for the lock to see it free. */
const BETWEEN_ROUNDS_MS = 200;

export interface Swept {
  readonly images: number;
  readonly bytes: number;
}

/**
 * Removes blobs and names by `planSweep`, in rounds, each under the store's lock and short, so that nobody who waits for
 * the lock has to give up. At every moment the layout is valid: a name goes from `index.json` before it goes, and its
 * blobs go after it. Throws STORE_LOCKED or STORE_UNUSABLE.
 */
export async function sweepStore(
  root: string,
  exclusive: Exclusive,
  limits: SweepLimits,
  now: () => number,
): Promise<Swept> {
  const walk = storeWalk(root);
  let images = 0;
  let bytes = 0;
  for (;;) {
    const round = await exclusive((held) => sweepRound(root, walk, limits, now(), held));
    images += round.images;
    bytes += round.bytes;
    if (!round.goesOn) return { images, bytes };
    await sleep(BETWEEN_ROUNDS_MS);
  }
}

interface Round extends Swept {
  readonly goesOn: boolean;
}

async function sweepRound(root: string, walk: Walk, limits: SweepLimits, now: number, held: Held): Promise<Round> {
  const lying = await tidied(root, now);
  // Nothing goes as long as all of it fits, so nothing has to be read.
  if (lying.blobs.reduce((sum, { size }) => sum + size, 0) <= limits.bytes)
    return { images: 0, bytes: 0, goesOn: false };
  const view = await readNames(root, walk, lying);
  const plan = planSweep(view, limits);
  // Stopped for so long that we were taken for dead: what we know is old, here and below.
  if (!(await held())) return { images: 0, bytes: 0, goesOn: false };
  await unname(root, plan.names);
  // Somebody may have used a name meanwhile, so that it stayed, or recorded it again.
  const kept = await listNames(root);
  const reached = await walk([...kept.flatMap(startsOf), ...(await foreignTargets(root, kept))]);
  const sizes = new Map(view.blobs.map(({ digest, size }) => [digest, size]));
  let bytes = 0;
  for (const digest of plan.blobs.filter((each) => !reached.has(each))) {
    if (!(await held())) break;
    await removeBlob(root, digest);
    bytes += sizes.get(digest) ?? 0;
  }
  const still = new Set(kept.map(({ name }) => name));
  const images = countImages(plan.names.filter(({ name }) => !still.has(name)));
  return { images, bytes, goesOn: !plan.complete && bytes > 0 };
}

/** A name that a sweep sees, with its file. */
export type Seen = Reaching & { readonly use: NameUse };

/** The store as it is now; to be called under its lock. Removes what is left of killed runs and expired leases. */
export async function look(root: string, walk: Walk, now: number): Promise<SweepView<Seen>> {
  return readNames(root, walk, await tidied(root, now));
}

/** What can be seen of a store without reading it. */
type Lying = Pick<SweepView<Seen>, 'blobs' | 'leased' | 'now'>;

async function tidied(root: string, at: number): Promise<Lying> {
  const now = await clearIngest(root);
  const leased = await leasedDigests(root, at);
  return { blobs: (await listBlobs(root)).filter(({ regular }) => regular), leased, now };
}

async function readNames(root: string, walk: Walk, lying: Lying): Promise<SweepView<Seen>> {
  const uses = await listNameUses(root);
  const records = uses.map(({ record }) => record);
  const foreign = await walk(await foreignTargets(root, records));
  const names = uses.map(async (use): Promise<Seen> => {
    const { name, target } = use.record;
    return { name, target: target.digest, usedAt: use.usedAt, reach: await walk(startsOf(use.record)), use };
  });
  return { ...lying, names: await Promise.all(names), foreign };
}

/** Takes names away that nobody has used since they were seen, from `index.json` first; to be called under the lock. */
export async function unname(root: string, names: readonly Seen[]): Promise<void> {
  if (names.length === 0) return;
  // First of all from index.json: there a name without a file would be taken for another tool's.
  await rebuildIndex(root, new Set(names.map(({ name }) => name)));
  const removed = await Promise.all(names.map(({ use }) => removeUnchanged(root, use.path, use.mark)));
  if (removed.includes(false)) await rebuildIndex(root);
}

import { PullError } from '../errors.ts';
import type { Removed } from '../ports.ts';
import { removeBlob } from './blob-file.ts';
import type { Exclusive } from './exclusive.ts';
import { listNames } from './names.ts';
import { startsOf, storeWalk } from './reachable.ts';
import { foreignTargets } from './root-index.ts';
import { look, unname } from './sweep.ts';

/**
 * Removes names, and then the blobs that only they led to: at every moment the layout is valid. A name whose target a job has leased stays, and so does every blob that is
 * leased, or that another name or another tool's entry leads to. Throws STORE_LOCKED or STORE_UNUSABLE.
 */
export async function removeNames(
  root: string,
  exclusive: Exclusive,
  wanted: ReadonlySet<string>,
  now: () => number,
): Promise<Removed> {
  const walk = storeWalk(root);
  return exclusive(async (held) => {
    const { names, leased, blobs } = await look(root, walk, now());
    const asked = names.filter(({ name }) => wanted.has(name));
    const inUse = asked.filter(({ target }) => leased.targets.has(target)).map(({ name }) => name);
    const going = asked.filter(({ target }) => !leased.targets.has(target));
    // Stopped for so long that we were taken for dead: what we know is old.
    if (!(await held()))
      throw new PullError('STORE_LOCKED', root, 'another process took the store over', { hint: 'Try again.' });
    await unname(root, going);
    const kept = await listNames(root);
    const reached = await walk([...kept.flatMap(startsOf), ...(await foreignTargets(root, kept))]);
    const orphans = new Set(going.flatMap(({ reach }) => [...reach]));
    const gone: { digest: (typeof blobs)[number]['digest']; size: number }[] = [];
    for (const { digest, size } of blobs) {
      if (!orphans.has(digest) || reached.has(digest) || leased.blobs.has(digest)) continue;
      if (!(await held())) break;
      await removeBlob(root, digest);
      gone.push({ digest, size });
    }
    const still = new Set(kept.map(({ name }) => name));
    return { names: going.map(({ name }) => name).filter((name) => !still.has(name)), inUse, blobs: gone };
  });
}

import { cancelled } from '../errors.ts';
import type { PullOutcome } from '../outcome.ts';
import type { Ports } from '../ports.ts';
import type { PullRequest } from '../settings.ts';
import { expandTags } from './all-tags.ts';
import { makeSureItFits } from './disk.ts';
import { handOversThatFit } from './engine-disk.ts';
import { fetchBlobs } from './fetch.ts';
import { finishImages } from './finish.ts';
import { heldAgainst, lockOf } from './locked.ts';
import { inOrderOf, largestFirst } from './order.ts';
import { planBlobs } from './plan.ts';
import { presentImages } from './present.ts';
import { resolveImages } from './resolve.ts';
import { totalOutcome } from './result.ts';
import { newRun } from './run.ts';
import { watchTags } from './watch.ts';

/**
 * Brings images onto this machine: each blob at most once, and only if nothing nearer has it. An image that fails does not stop the others: its outcome says
 * why. Throws only CANCELLED, or what makes the whole run impossible.
 */
export async function pull(request: PullRequest, ports: Ports): Promise<PullOutcome> {
  const run = newRun(request, ports);
  ports.report({
    type: 'started',
    keys: request.images.map(({ key }) => key),
    store: ports.store.root,
    engine: ports.engine?.title,
  });
  const wanted = await expandTags(run); //                   all-tags → one image a tag
  const watch = watchTags(wanted, run); //                   beside it all: have locked tags moved?
  const resolved = heldAgainst(request, await resolveImages(wanted, run)); // names → digests → manifests
  const present = await presentImages(resolved, run); //     what store and engine hold already
  const ordered = ports.engine ? largestFirst(resolved) : resolved; // the longest way into the engine begins first
  const plan = planBlobs(ordered, present, ports.engine ? 'bottom-first' : 'largest-first'); // what is missing, each blob once, in order
  await makeSureItFits(plan, run); //                        an error with both figures, before any byte moves
  const handOvers = await handOversThatFit(ordered, present, plan, run);
  const arrivals = fetchBlobs(plan, run); //                 registry → store, under way
  const images = await finishImages(ordered, present, { arrivals, handOvers }, run); // … ‖ store → engine
  await run.packs.close();
  if (ports.signal.aborted) throw cancelled();
  const moved = request.lock && (await watch.end());
  const lock = request.updatesLock ? lockOf(resolved) : undefined;
  const outcome = { ...totalOutcome(inOrderOf(resolved, images), run), moved, lock };
  ports.report({ type: 'finished', totals: outcome.totals });
  return outcome;
}

import { gate, once } from '../lib/pool.ts';
import { descriptorOf } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { canonicalReference, familiarName, familiarReference, type Reference } from '../oci/reference.ts';
import type { ImageOutcome } from '../outcome.ts';
import type { Arrival, Arrivals } from './fetch.ts';
import { keepDocument, keepImage } from './keep.ts';
import { keptImage } from './kept.ts';
import { loadImage } from './load.ts';
import { heldByEngine } from './plan.ts';
import type { Present } from './present.ts';
import { readableTarget } from './readable.ts';
import type { Resolution, Resolved } from './resolve.ts';
import { engineOutcome, failedOutcome, imageOutcome } from './result.ts';
import { failureOf, type Run } from './run.ts';

/** What the images of a run share while they are being finished. */
export interface Finishing {
  readonly run: Run;
  readonly present: Present;
  /** Grows where a blob of the store turns out wrong and is fetched after all. */
  readonly arrivals: Map<string, Arrival>;
  /** Stores a document unless this run did so already. */
  readonly keepOnce: (digest: Digest, keep: () => Promise<void>) => Promise<void>;
  /** Hands over one tag of a target at a time, so that the second finds the first; and no more targets than the engine has room for. */
  readonly handOver: <T>(target: Digest, task: () => Promise<T>) => Promise<T>;
}

/** Finishes the images in their order, several at once: into the store and into the engine side by side, each blob as it comes; reports them one by one. */
export async function finishImages(
  resolved: readonly Resolved[],
  present: Present,
  { arrivals, handOvers }: { readonly arrivals: Arrivals; readonly handOvers: number },
  run: Run,
): Promise<readonly ImageOutcome[]> {
  const few = gate(handOvers);
  const targets = new Map<Digest, ReturnType<typeof gate>>();
  const finishing: Finishing = {
    run,
    present,
    arrivals: new Map(arrivals),
    keepOnce: once<void>(),
    handOver(target, task) {
      const mine = targets.get(target) ?? gate(1);
      targets.set(target, mine);
      return mine(() => few(task));
    },
  };
  return Promise.all(
    resolved.map(async (image) => {
      // Its seconds are to be its own: nobody sees whom it waited for.
      const own = { ...run, startedAt: run.startedAt + image.heldUpMs };
      const outcome = await finish(image, { ...finishing, run: own });
      if (!run.ports.signal.aborted) run.ports.report({ type: 'image', image: outcome });
      return outcome;
    }),
  );
}

async function finish(image: Resolved, finishing: Finishing): Promise<ImageOutcome> {
  const { run, present, arrivals } = finishing;
  if (image.kind === 'failed') return failedOutcome(image, image.error, run);
  if (image.kind === 'engine') return engineOutcome(image, run);
  const { key, reference, resolution } = image;
  const facts = { key, reference, resolution, present, arrivals };
  const unloadable = present.unloadable.get(key);
  if (unloadable) return failedOutcome({ ...facts, digest: resolution.target.digest }, unloadable, run);
  const { engine } = run.ports;
  // Both are waited for, so that nothing runs on behind a failure.
  const [kept, loaded] = await Promise.allSettled([
    keep(key, reference, resolution, finishing),
    engine ? loadImage({ key, reference, resolution }, engine, finishing) : [],
  ]);
  // Where a download failed the hand-over did too, and the download is the cause.
  if (kept.status === 'rejected')
    return failedOutcome({ ...facts, digest: resolution.target.digest }, failureOf(kept.reason, key), run);
  if (loaded.status === 'fulfilled') return imageOutcome(facts, loaded.value, run);
  return failedOutcome(await imageOutcome(facts, [], run), failureOf(loaded.reason, key), run);
}

/** Brings the image into the store and names it there, if the store gets all of it. */
async function keep(key: string, reference: Reference, resolution: Resolution, finishing: Finishing): Promise<void> {
  const { run, present } = finishing;
  await keepImage(key, resolution, finishing);
  if (!isComplete(key, resolution, present)) return;
  run.ports.report({ type: 'kept', image: await keptImage(key, reference, resolution, run) });
  await nameImage(key, reference, resolution, finishing);
}

/** True if the store has every byte of the image; what the engine alone holds has no name in the store. */
const isComplete = (key: string, { platforms }: Resolution, present: Present): boolean =>
  platforms.every((leaf) => !heldByEngine(leaf, key, present));

/** Names the image in the store as Docker prints it, as the user wrote it where that is another text, and each platform by its digest. */
async function nameImage(
  key: string,
  reference: Reference,
  resolution: Resolution,
  finishing: Finishing,
): Promise<void> {
  const readable = readableTarget(resolution);
  if (readable?.document) await keepDocument(readable.document, finishing);
  const { target, platforms, at } = resolution;
  const names = [...new Set([familiarReference(reference), key, canonicalReference(reference)])].map((name) => ({
    name,
    target,
    readAs: readable?.descriptor,
    at,
  }));
  // Readers that look manifests up by digest (oras) know only those that index.json lists.
  const manifests = platforms
    .flatMap(({ documents }) => documents.slice(1).slice(-1))
    .map((manifest) => {
      const { digest } = manifest;
      return { name: `${familiarName(reference)}@${digest}`, target: descriptorOf(manifest), at };
    });
  // Platforms may share a manifest, and so its name.
  const distinct = new Map([...names, ...manifests].map((record) => [record.name, record]));
  await finishing.run.ports.store.record([...distinct.values()]);
}

import { PullError } from '../errors.ts';
import { blobKey } from '../oci/descriptor.ts';
import type { Reference } from '../oci/reference.ts';
import type { Engine, Held, Loadable } from '../ports.ts';
import { arrivingSource } from './arriving.ts';
import { arrivalOf } from './fetch.ts';
import type { Finishing } from './finish.ts';
import { loadablesOf } from './loadable.ts';
import { leafBlobs } from './platforms.ts';
import type { Resolution } from './resolve.ts';
import { transfer } from './transfer.ts';

interface LoadedImage {
  readonly key: string;
  readonly reference: Reference;
  readonly resolution: Resolution;
}

/** The image in the engine, the platform that has its own name first; at once for what was there before. */
export async function loadImage(image: LoadedImage, engine: Engine, finishing: Finishing): Promise<readonly Held[]> {
  const { key, reference, resolution } = image;
  const already = finishing.present.held.get(key) ?? [];
  const held: Held[] = [];
  // One after another: engines whose names hold several platforms add each to what the name has by then.
  for (const loadable of loadablesOf(reference, resolution, engine)) {
    const manifest = loadable.documents.at(-1)?.digest;
    const found = already.find((it) => it.manifest === manifest);
    held.push(found ?? (await loadPlatform(loadable, image, engine, finishing)));
  }
  return held;
}

async function loadPlatform(
  loadable: Loadable,
  image: LoadedImage,
  engine: Engine,
  finishing: Finishing,
): Promise<Held> {
  const { key, resolution } = image;
  const { store, report } = finishing.run.ports;
  const source = arrivingSource(store, finishing.arrivals);
  return finishing.handOver(resolution.target.digest, async () => {
    report({ type: 'loading', key, engine: engine.title });
    try {
      return await engine.load(loadable, source);
    } catch (error) {
      if (isEnginesOwn(error)) throw error;
      await mend(image, error, finishing);
      return engine.load(loadable, source);
    }
  });
}

/** Nothing that other bytes would change; whatever else a hand-over ends with came out of the blobs. */
const isEnginesOwn = (error: unknown): boolean =>
  !(error instanceof PullError) ||
  ['ENGINE_FAILED', 'ENGINE_UNAVAILABLE', 'UNSUPPORTED', 'CANCELLED', 'DISK_FULL'].includes(error.code);

/** The store gave something else than it once took in: a disk that lies, or somebody who writes into it. */
const isStoreFault = (error: unknown): error is PullError =>
  error instanceof PullError && ['DIGEST_MISMATCH', 'SIZE_MISMATCH', 'BLOB_UNKNOWN'].includes(error.code);

/**
 * Makes the blobs of the image whole after one of them ended a hand-over, or throws why they are not. A download that failed under the reader may have
 * succeeded at its next try; a blob of the store that no longer is what its name says is fetched anew and counts as an arrival of this run.
 */
async function mend({ reference, resolution }: LoadedImage, failure: unknown, finishing: Finishing): Promise<void> {
  const { run, arrivals } = finishing;
  const { store, report } = run.ports;
  const blobs = resolution.platforms.flatMap(leafBlobs);
  await Promise.all(blobs.map((blob) => arrivals.get(blobKey(blob))?.stored));
  if (!isStoreFault(failure)) return;
  for (const blob of blobs) {
    try {
      for await (const _ of store.open(blob));
    } catch (error) {
      // Mending asks the registry, which `never` forbids.
      if (!isStoreFault(error) || run.request.policy === 'never') throw error;
      report({ type: 'warning', message: `${error.message}; fetching it again` });
      await store.discard(blob.digest);
      const seconds = await run.blobGate(reference.domain)(() => transfer(blob, reference, run));
      arrivals.set(
        blobKey(blob),
        arrivalOf(async () => ({ source: 'registry', seconds })),
      );
    }
  }
}

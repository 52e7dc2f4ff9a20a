import { PullError } from '../errors.ts';
import { blobKey } from '../oci/descriptor.ts';
import type { Reference } from '../oci/reference.ts';
import type { Engine, Held, Loadable } from '../ports.ts';
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
  return finishing.handOver(resolution.target.digest, async () => {
    report({ type: 'loading', key, engine: engine.title });
    try {
      return await engine.load(loadable, store);
    } catch (error) {
      // Mending asks the registry, which `never` forbids.
      if (!isStoreFault(error) || finishing.run.request.policy === 'never') throw error;
      report({ type: 'warning', message: `${error.message}; fetching it again` });
      await mend(image, finishing);
      return engine.load(loadable, store);
    }
  });
}

/** The store gave something else than it once took in: a disk that lies, or somebody who writes into it. */
const isStoreFault = (error: unknown): error is PullError =>
  error instanceof PullError && ['DIGEST_MISMATCH', 'SIZE_MISMATCH', 'BLOB_UNKNOWN'].includes(error.code);

/** Fetches anew every blob of the image that no longer is what its name says; each counts as an arrival of this run. */
async function mend(
  { reference, resolution }: { reference: Reference; resolution: Resolution },
  finishing: Finishing,
): Promise<void> {
  const { run } = finishing;
  const { store } = run.ports;
  for (const blob of resolution.platforms.flatMap(leafBlobs)) {
    try {
      for await (const _ of store.open(blob));
    } catch (error) {
      if (!isStoreFault(error)) throw error;
      await store.discard(blob.digest);
      const seconds = await run.gate(reference.domain)(() => transfer(blob, reference, run));
      finishing.arrivals.set(
        blobKey(blob),
        arrivalOf(async () => ({ source: 'registry', seconds })),
      );
    }
  }
}

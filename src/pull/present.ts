import type { PullError } from '../errors.ts';
import { gate } from '../lib/pool.ts';
import { blobKey, type Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { Held } from '../ports.ts';
import { loadablesOf } from './loadable.ts';
import { leafBlobs } from './platforms.ts';
import { readableTarget } from './readable.ts';
import type { Resolution, Resolved } from './resolve.ts';
import { failureOf, type Run } from './run.ts';

/** What is here already, asked before any blob moves. */
export interface Present {
  /** Blobs the store holds, by `blobKey`. */
  readonly stored: ReadonlySet<string>;
  /** By key, what the engine holds of the image, under the names it is to have there. */
  readonly held: ReadonlyMap<string, readonly Held[]>;
  /** By key, why an image cannot be handed to the engine at all. */
  readonly unloadable: ReadonlyMap<string, PullError>;
}

/** Asks store and engine what they hold of the resolved images; an engine that fails to say makes only that image fail. */
export async function presentImages(resolved: readonly Resolved[], run: Run): Promise<Present> {
  const { store, engine } = run.ports;
  const stored = new Set<string>();
  const held = new Map<string, readonly Held[]>();
  const unloadable = new Map<string, PullError>();
  const some = gate(8);
  const images = resolved.filter((image) => image.kind === 'image');
  const blobs = new Map(images.flatMap(({ resolution }) => blobsOf(resolution)).map((blob) => [blobKey(blob), blob]));
  // Marked before anybody looks: what is seen here must still be here when it is used.
  const digests = [...blobs.values()].map(({ digest }) => digest);
  const lease = await store.lease([...digests, ...images.flatMap(({ resolution }) => documentsIn(resolution))]);
  run.ports.report({ type: 'leased', lease });
  const asked = images.map(({ key, reference, resolution }) =>
    some(async () => {
      try {
        const loadables = engine ? loadablesOf(reference, resolution, engine) : [];
        const found = await Promise.all(loadables.map((image) => engine?.present(image)));
        held.set(
          key,
          found.filter((it) => it !== undefined),
        );
      } catch (error) {
        unloadable.set(key, failureOf(error, key));
      }
    }),
  );
  const looked = [...blobs.values()].map((blob) =>
    some(async () => void ((await store.has(blob)) && stored.add(blobKey(blob)))),
  );
  await Promise.all([...asked, ...looked]);
  return { stored, held, unloadable };
}

/** Every blob of a resolution but its documents: configs and layers, companions' too. */
export function blobsOf(resolution: Resolution): readonly Descriptor[] {
  return [...resolution.platforms, ...resolution.companions].flatMap(leafBlobs);
}

/** Every document of a resolution, and the one that stands in for its target before other readers. */
function documentsIn(resolution: Resolution): readonly Digest[] {
  const documents = [...resolution.platforms, ...resolution.companions].flatMap((leaf) => leaf.documents);
  const readable = readableTarget(resolution);
  return [...documents.map(({ digest }) => digest), ...(readable ? [readable.descriptor.digest] : [])];
}

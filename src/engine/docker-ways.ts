import { PullError } from '../errors.ts';
import type { BlobSource, Loadable } from '../ports.ts';
import { heldLayers } from './docker-chains.ts';
import type { DockerFacts } from './docker-facts.ts';
import { dockerFailed, notThere } from './docker-failed.ts';
import type { DockerImages } from './docker-images.ts';
import { streamInto } from './docker-load.ts';
import { idOf } from './docker-names.ts';
import { pullInto } from './docker-pull.ts';
import { isWorthAnother } from './engine-failed.ts';
import type { OfferImage } from './offer.ts';

/** The ways of an image into a daemon. */
export interface Ways {
  /** Brings it in under the name, the way that is best for it; the name is given last. Throws ENGINE_FAILED, ENGINE_UNAVAILABLE or the source's own errors. */
  bring(image: Loadable, source: BlobSource, name: string): Promise<void>;
  /** Gives an image that is there whole, under this name or id, a further name; false if that cannot be done without its blobs. */
  name(image: Loadable, from: string, name: string): Promise<boolean>;
}

export interface WayOptions {
  readonly silenceMs: number;
  readonly askMs: number;
  readonly offerImage: OfferImage | undefined;
}

/**
 * Chooses between two ways. A pull by the daemon from loopback unpacks a layer while the next one comes, leaves out layers that the daemon knows from other pulls,
 * and lets later pulls leave out these. A stream to `/images/load` needs nothing but this connection, reads what old daemons cannot pull, and leaves out layers
 * that came by other ways. The stream is also what is tried when a pull failed.
 */
export function waysInto(images: DockerImages, facts: DockerFacts, signal: AbortSignal, options: WayOptions): Ways {
  const { silenceMs, askMs, offerImage } = options;
  const stream = streamInto(images, facts, silenceMs);
  const pull = offerImage && pullInto(images, facts, { offerImage, silenceMs, askMs, signal });
  const layersHeld = heldLayers(images);
  let reaches = true;

  async function name(image: Loadable, from: string, name: string): Promise<boolean> {
    if (!name.includes('@')) return images.tag(from, name);
    // Tags cannot be digests; an archive may name one, and needs no blobs where the daemon says that it has them all.
    if (!facts.inspectsManifests) return false;
    const { config, layers } = image.manifest;
    await stream(image, NO_BLOBS, name, new Set([config, ...layers].map(({ digest }) => digest)));
    return true;
  }

  /** True if the daemon has pulled it; false if another way is worth a try. */
  async function pulled(image: Loadable, source: BlobSource, local: string): Promise<boolean> {
    if (!pull) return false;
    try {
      const outcome = await pull(image, source, local, async (temporary) => {
        if (!(await images.held(image, temporary)))
          throw notThere(image, temporary, await images.inspect(temporary), facts);
        if (!(await name(image, temporary, local)))
          throw dockerFailed(facts, `loading ${local}`, 'the daemon does not give it this name');
      });
      reaches = outcome === 'pulled';
      return reaches;
    } catch (error) {
      if (isWorthAnother(error)) return false;
      throw error;
    }
  }

  return {
    name,
    async bring(image, source, local) {
      const id = idOf(image, facts);
      if ((await images.held(image, id)) && (await name(image, id, local))) return;
      const held = facts.keepsManifests ? undefined : await layersHeld(image, source);
      const pulls = reaches && isPullable(image, facts) && !held?.unknownToPulls;
      if (pulls && (await pulled(image, source, local))) return;
      await stream(image, source, local, held?.layers).catch((error) => {
        // What was there may be gone meanwhile.
        if (!held?.layers.size || !(error instanceof PullError) || error.code !== 'ENGINE_FAILED') throw error;
        return stream(image, source, local);
      });
    },
  };
}

/** Old daemons cannot unpack zstd, Podman wants TLS of loopback too, and layers that are not to be distributed would be fetched from where they come from. */
const isPullable = ({ manifest }: Loadable, { readsZstd, isPodman }: DockerFacts): boolean =>
  !isPodman &&
  manifest.layers.every(
    ({ mediaType }) => !/foreign|nondistributable/.test(mediaType) && (readsZstd || !/zstd/.test(mediaType)),
  );

const NO_BLOBS: BlobSource = {
  // biome-ignore lint/correctness/useYield: it ends before there is anything to give.
  async *open({ digest }) {
    throw new Error(`${digest} was to be left out`);
  },
};

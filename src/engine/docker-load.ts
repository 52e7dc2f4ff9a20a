import type { Digest } from '../oci/digest.ts';
import type { BlobSource, Loadable } from '../ports.ts';
import { imageArchive } from './archive.ts';
import type { DockerFacts } from './docker-facts.ts';
import { dockerFailed } from './docker-failed.ts';
import type { DockerImages } from './docker-images.ts';
import { archiveName } from './docker-names.ts';
import { loadFailure } from './load-stream.ts';

/** One way for images into a daemon: throws the source's own errors, ENGINE_UNAVAILABLE, or ENGINE_FAILED if the daemon says that it failed. */
export type WayIn = (image: Loadable, source: BlobSource, name: string) => Promise<void>;

/**
 * As a stream to `/images/load`, which works with every daemon; blobs in `omitted` are left out, for a daemon that has what they hold. Where it failed or was
 * cancelled no name of this image stays.
 */
export function streamInto(images: DockerImages, facts: DockerFacts, silenceMs: number) {
  return async (image: Loadable, source: BlobSource, name: string, omitted: ReadonlySet<Digest> = NOTHING) => {
    const body = imageArchive(image, source, {
      name: archiveName(image.reference, facts),
      plainZstd: !facts.readsZstd,
      omitted,
    });
    try {
      const answer = await images.ask(`loading ${name}`, 'POST', '/load?quiet=1', { body, timeoutMs: silenceMs });
      const failure = answer.status === 200 ? loadFailure(answer.text) : answer.text;
      if (failure !== undefined) throw dockerFailed(facts, `loading ${name}`, failure);
    } catch (error) {
      // The containerd image store names an image before it unpacks it: the next run would take it for whole.
      if (facts.keepsManifests) await images.forget(name, image);
      throw error;
    }
  };
}

const NOTHING: ReadonlySet<Digest> = new Set();

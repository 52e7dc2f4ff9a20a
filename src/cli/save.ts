import { imagesArchive, type NamedImage } from '../engine/archive.ts';
import { digestTag } from '../oci/digest.ts';
import { canonicalName, type Reference } from '../oci/reference.ts';
import type { BlobSource, Loadable } from '../ports.ts';
import { type OutgoingOptions, type Streams, sendOut } from './outgoing.ts';

/** The options of `save` as they were typed. */
export type SaveOptions = OutgoingOptions;

/**
 * `save`: one platform of each image in one archive that docker load, podman load, ctr images import and kind load image-archive accept, the same bytes each time. What
 * the store lacks is pulled first. Returns the exit code; throws what `sendOut` throws.
 */
export function saveCommand(
  references: readonly string[],
  options: SaveOptions,
  streams: Streams,
  signal: AbortSignal,
): Promise<number> {
  const content = {
    command: 'save',
    make: (images: readonly Loadable[], store: BlobSource) =>
      imagesArchive(nameAll(images), store, { plainZstd: false }),
  };
  return sendOut(references, options, content, streams, signal);
}

const nameAll = (images: readonly Loadable[]): readonly NamedImage[] =>
  images.map((image) => ({ image, name: archiveName(image.reference) }));

/** A digest alone is no name that every reader takes: it becomes the tag that Docker's graph drivers get, too. */
function archiveName(reference: Reference): string {
  const { tag, digest } = reference;
  const word = tag === undefined && digest !== undefined ? digestTag(digest) : (tag ?? 'latest');
  return `${canonicalName(reference)}:${word}`;
}

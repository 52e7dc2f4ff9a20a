import { shortDigest } from '../oci/digest.ts';
import { canonicalReference, familiarReference, type Reference, withDefaultTag } from '../oci/reference.ts';
import type { ImageOutcome, LayerOutcome, PlatformOutcome } from '../outcome.ts';

/**
 * What `docker pull` prints about an image that is there, line by line (docker/cli without a terminal): where it was pulled from, its layers, its digest
 * and, unless it failed, its status. Several platforms are headed by their names. No line for an image of which nothing came.
 */
export function dockerLines(image: ImageOutcome): readonly string[] {
  const { reference, digest, platforms, fresh, error } = image;
  if (!reference || (error && platforms.length === 0)) return [];
  const named = withDefaultTag(reference);
  const status = fresh ? 'Downloaded newer image for' : 'Image is up to date for';
  return [
    `${asked(named)}: Pulling from ${reference.path}`,
    ...platforms.flatMap((platform) => platformLines(platform, platforms.length > 1)),
    ...(digest ? [`Digest: ${digest}`] : []),
    ...(error ? [] : [`Status: ${status} ${familiarReference(named)}`]),
  ];
}

/** Docker heads a pull by tag with the tag, one by digest with the whole reference. */
function asked(reference: Reference): string {
  return reference.digest === undefined ? `${reference.tag}` : canonicalReference({ ...reference, tag: undefined });
}

function platformLines({ platform, layers }: PlatformOutcome, headed: boolean): readonly string[] {
  const distinct = new Map(layers.map((layer) => [layer.digest, layer]));
  return [...(headed ? [`Platform: ${platform}`] : []), ...[...distinct.values()].map(layerLine)];
}

function layerLine({ digest, source }: LayerOutcome): string {
  return `${shortDigest(digest)}: ${source === 'registry' ? 'Pull complete' : 'Already exists'}`;
}

import type { Digest } from '../oci/digest.ts';
import type { ImageOutcome } from '../outcome.ts';
import type { Resolved } from './resolve.ts';

/** Pure: the images with the most bytes of distinct layers first, else in the order given: what takes an engine longest must not begin last. */
export function largestFirst(resolved: readonly Resolved[]): readonly Resolved[] {
  return [...resolved].sort((a, b) => layerBytes(b) - layerBytes(a));
}

/** Pure: the outcomes in the order of the request. */
export function inOrderOf(resolved: readonly Resolved[], images: readonly ImageOutcome[]): readonly ImageOutcome[] {
  const position = new Map(resolved.map(({ key }, at) => [key, at]));
  return [...images].sort((a, b) => (position.get(a.key) ?? 0) - (position.get(b.key) ?? 0));
}

function layerBytes(image: Resolved): number {
  if (image.kind !== 'image') return 0;
  const sizes = new Map<Digest, number>();
  for (const { manifest } of image.resolution.platforms)
    for (const { digest, size } of manifest.layers) sizes.set(digest, size);
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

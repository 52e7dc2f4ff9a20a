import { clean } from '../lib/clean.ts';
import { canonicalReference, familiarReference, parseReference, withDefaultTag } from '../oci/reference.ts';
import type { ImageOutcome, LayerOutcome, PlatformOutcome, PullOutcome } from '../outcome.ts';

/** The outcome as the `json` output has it, for `JSON.stringify`; with every layer, as the report file has it. */
export function describeOutcome({ images, totals }: PullOutcome, withLayers: boolean): object {
  return {
    version: 1,
    images: Object.fromEntries(images.map((image) => [image.key, describeImage(image, withLayers)])),
    totals: { ...totals, seconds: milliseconds(totals.seconds) },
  };
}

function describeImage(image: ImageOutcome, withLayers: boolean): object {
  const { reference, digest, local, digestRunnable, source, loaded, seconds, error, platforms } = image;
  return {
    reference: reference ? canonicalReference(withDefaultTag(reference)) : null,
    pinned: (isVouchedFor(image) ? pinned(image) : undefined) ?? null,
    digest: digest ?? null,
    local: local ?? null,
    digestRunnable,
    source: source ?? null,
    loaded,
    seconds: milliseconds(seconds),
    ...(error && {
      error: { code: error.code, message: clean(error.message), ...(error.hint && { hint: clean(error.hint) }) },
    }),
    platforms: Object.fromEntries(platforms.map((each) => [each.platform, describePlatform(each, withLayers)])),
  };
}

function describePlatform({ digest, imageId, size, local, layers }: PlatformOutcome, withLayers: boolean): object {
  const known = { digest: digest ?? null, imageId, size: size ?? null, local: local ?? null };
  return { ...known, ...(withLayers && { layers: layers.map(describeLayer) }) };
}

function describeLayer({ digest, size, source, seconds }: LayerOutcome): object {
  return { digest, size, source, seconds: milliseconds(seconds) };
}

/** Every byte of it was seen, though perhaps no engine took it: nobody is to deploy by a digest of which that cannot be said. */
export const isVouchedFor = ({ error, platforms }: ImageOutcome): boolean => !error || platforms.length > 0;

/** `redis:7@sha256:…`, which means the same wherever it is read; undefined where the digest is not known. */
export function pinned({ reference, digest }: Pick<ImageOutcome, 'reference' | 'digest'>): string | undefined {
  if (!reference || !digest) return undefined;
  const exact = { ...withDefaultTag(reference), digest };
  const text = familiarReference(exact);
  // What Docker prints of an odd Hub name, such as docker.io/a.b/c, means another registry when it is read again.
  return parseReference(text).domain === exact.domain ? text : canonicalReference(exact);
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1000) / 1000;

import { PullError } from '../errors.ts';
import { descriptorOf } from '../oci/descriptor.ts';
import { hexOf } from '../oci/digest.ts';
import { isImageConfigType } from '../oci/media-types.ts';
import { formatPlatform } from '../oci/platform.ts';
import { choosePlatform } from '../oci/platform-match.ts';
import { familiarReference, type Reference } from '../oci/reference.ts';
import type { Engine, Loadable } from '../ports.ts';
import type { Leaf } from './platforms.ts';
import type { Resolution } from './resolve.ts';

/** As long as a tag may be (distribution-spec v1.1, "Pulling manifests"). */
const TAG_LIMIT = 128;

/**
 * Pure: what the engine is to hold of an image. The first takes the image's own name: the platform the engine runs, else the first it could hold. The others share
 * that name where the engine's names hold several platforms; elsewhere each is an image of its own, `redis:7-linux-arm64`. Throws UNSUPPORTED if there is none.
 */
export function loadablesOf(
  reference: Reference,
  resolution: Resolution,
  engine: Pick<Engine, 'title' | 'platform' | 'holdsPlatforms'>,
): readonly [Loadable, ...Loadable[]] {
  const images = imagesOf(reference, resolution, engine);
  const leaf =
    choosePlatform(images, (image) => image.platform, engine.platform, { strict: false }) ??
    images.find((image) => isHoldable(image, engine));
  if (!leaf) {
    const names = images.map(({ name }) => name).join(', ');
    const reason = `${engine.title} runs ${formatPlatform(engine.platform)} and cannot hold ${names}`;
    throw new PullError('UNSUPPORTED', familiarReference(reference), reason, { hint: KEEP });
  }
  const loadable = ({ documents, manifest, platform = engine.platform }: Leaf): Loadable => ({
    reference,
    target: resolution.target,
    documents,
    manifest,
    platform,
  });
  const others = images.filter((image) => image !== leaf && isHoldable(image, engine));
  return [
    loadable(leaf),
    ...others.map((other) => (engine.holdsPlatforms ? loadable(other) : alone(loadable(other), other))),
  ];
}

const KEEP = 'Use engine: none to keep it in the store.';

function imagesOf(reference: Reference, { platforms }: Resolution, { title }: Pick<Engine, 'title'>): readonly Leaf[] {
  const images = platforms.filter(
    ({ manifest }) => isImageConfigType(manifest.config.mediaType) && !manifest.artifactType,
  );
  if (images.length > 0) return images;
  const type = platforms[0]?.manifest.artifactType ?? platforms[0]?.manifest.config.mediaType;
  const reason = `not a container image but an artifact (${type}), which ${title} cannot run`;
  throw new PullError('UNSUPPORTED', familiarReference(reference), reason, { hint: KEEP });
}

const isHoldable = ({ platform }: Leaf, engine: Pick<Engine, 'platform'>): boolean =>
  !platform || platform.os === engine.platform.os;

/** One platform as an image of its own: its manifest is the target, and its tag says which it is. */
function alone(image: Loadable, { name }: Leaf): Loadable {
  const { domain, path, tag = 'latest', digest } = image.reference;
  const manifest = image.documents.at(-1);
  if (!manifest) return image;
  const stem = image.reference.tag === undefined && digest ? `sha256-${hexOf(digest).slice(0, 12)}` : tag;
  const suffixed = `${stem}-${name.replace(/[^A-Za-z0-9_.]+/g, '-').replace(/-$/, '')}`;
  const own = suffixed.length > TAG_LIMIT ? `sha256-${hexOf(manifest.digest).slice(0, 12)}` : suffixed;
  return {
    ...image,
    reference: { domain, path, tag: own },
    target: descriptorOf(manifest),
    documents: [manifest],
  };
}

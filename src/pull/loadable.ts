import { PullError } from '../errors.ts';
import { clean } from '../lib/clean.ts';
import { descriptorOf } from '../oci/descriptor.ts';
import { digestTag, shortDigest } from '../oci/digest.ts';
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
    throw unsupported(reference, `${engine.title} runs ${formatPlatform(engine.platform)} and cannot hold ${names}`);
  }
  refuseEncrypted(reference, leaf, engine);
  const loadable = ({ documents, manifest, platform = engine.platform }: Leaf): Loadable => ({
    reference,
    target: resolution.target,
    documents,
    manifest,
    platform,
  });
  // Platforms that share a manifest are one image to an engine.
  const others = images.filter((image, at) => {
    const same = (other: Leaf) => other.documents.at(-1)?.digest === image.documents.at(-1)?.digest;
    return !same(leaf) && images.findIndex(same) === at && isHoldable(image, engine);
  });
  return [
    loadable(leaf),
    ...others.map((other) => (engine.holdsPlatforms ? loadable(other) : alone(loadable(other), other))),
  ];
}

const unsupported = (reference: Reference, reason: string, hint = ''): PullError =>
  new PullError('UNSUPPORTED', familiarReference(reference), reason, {
    hint: `Use engine: none to keep it in the store${hint}.`,
  });

/** Layers of ocicrypt: only who has the key can unpack them. */
function refuseEncrypted(reference: Reference, { manifest }: Leaf, { title }: Pick<Engine, 'title'>): void {
  const layer = manifest.layers.find(({ mediaType }) => mediaType.endsWith('+encrypted'));
  if (!layer) return;
  const type = clean(layer.mediaType, 100);
  throw unsupported(
    reference,
    `layer ${shortDigest(layer.digest)} is encrypted (${type}), which ${title} cannot unpack`,
    ', and decrypt it from there, such as with `skopeo copy --decryption-key`',
  );
}

function imagesOf(reference: Reference, { platforms }: Resolution, { title }: Pick<Engine, 'title'>): readonly Leaf[] {
  const images = platforms.filter(
    ({ manifest }) => isImageConfigType(manifest.config.mediaType) && !manifest.artifactType,
  );
  if (images.length > 0) return images;
  const { artifactType, config } = platforms[0]?.manifest ?? {};
  const what = artifactWords(artifactType ?? config?.mediaType ?? '');
  throw unsupported(reference, `not a container image but ${what}, which ${title} cannot run`);
}

/** What people push to registries besides images, by artifact or config type. */
const ARTIFACTS: Readonly<Record<string, string>> = {
  'application/vnd.cncf.helm.config.v1+json': 'a Helm chart',
  'application/vnd.docker.plugin.v1+json': 'a Docker plugin',
  'application/vnd.docker.ai.model.config.v0.1+json': 'an AI model',
  'application/vnd.wasm.config.v0+json': 'a WebAssembly module',
};

const artifactWords = (type: string): string =>
  `${Object.hasOwn(ARTIFACTS, type) ? ARTIFACTS[type] : 'an artifact'} (${clean(type, 100)})`;

const isHoldable = ({ platform }: Leaf, engine: Pick<Engine, 'platform'>): boolean =>
  !platform || platform.os === engine.platform.os;

/** One platform as an image of its own: its manifest is the target, and its tag says which it is. */
function alone(image: Loadable, { name }: Leaf): Loadable {
  const { domain, path, tag = 'latest', digest } = image.reference;
  const manifest = image.documents.at(-1);
  if (!manifest) return image;
  const stem = image.reference.tag === undefined && digest ? digestTag(digest) : tag;
  const suffixed = `${stem}-${name.replace(/[^A-Za-z0-9_.]+/g, '-').replace(/-$/, '')}`;
  const own = suffixed.length > TAG_LIMIT ? digestTag(manifest.digest) : suffixed;
  return {
    ...image,
    reference: { domain, path, tag: own },
    target: descriptorOf(manifest),
    documents: [manifest],
  };
}
